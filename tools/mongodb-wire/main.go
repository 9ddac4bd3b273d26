// Command mongodb-wire is a MongoDB-compatible server for tests: FerretDB, embedded, storing in PostgreSQL.
// It stands in where no mongod can be had; production runs MongoDB itself.
package main

import (
	"context"
	"flag"
	"log"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:27117", "TCP address to serve the MongoDB protocol on")
	postgres := flag.String("postgresql-url", "", "PostgreSQL database that stores the documents; pool_max_conns belongs in its query")
	flag.Parse()

	server, err := ferretdb.New(&ferretdb.Config{
		Listener:      ferretdb.ListenerConfig{TCP: *listen},
		Handler:       "postgresql",
		PostgreSQLURL: *postgres,
	})
	if err != nil {
		log.Fatalf("mongodb-wire: %v", err)
	}

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	log.Printf("mongodb-wire: serving on %s", *listen)
	if err := server.Run(ctx); err != nil && ctx.Err() == nil {
		log.Fatalf("mongodb-wire: %v", err)
	}
}
