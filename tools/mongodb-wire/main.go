// Command mongodb-wire is a MongoDB-compatible server for tests: FerretDB, embedded, storing in PostgreSQL.
// It stands in where no mongod can be had; production runs MongoDB itself.
package main

import (
	"context"
	"flag"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:27117", "TCP address to serve the MongoDB protocol on")
	postgres := flag.String("postgresql-url", "", "PostgreSQL database that stores the documents; pool_max_conns belongs in its query")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *listen, *postgres); err != nil && ctx.Err() == nil {
		log.Fatalf("mongodb-wire: %v", err)
	}
}

func run(ctx context.Context, listen, postgres string) error {
	folder, err := os.MkdirTemp("", "mongodb-wire-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	socket := filepath.Join(folder, "backend.sock")
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:      ferretdb.ListenerConfig{Unix: socket},
		Handler:       "postgresql",
		PostgreSQLURL: postgres,
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	log.Printf("mongodb-wire: serving on %s", listen)
	failed := make(chan error, 2)
	go func() { failed <- server.Run(ctx) }()
	go func() { failed <- (&front{backend: socket}).serve(ctx, listener) }()
	return <-failed
}
