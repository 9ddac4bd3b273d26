package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
)

// FerretDB 1.x reads, filters and then writes back by _id without looking again, so that two updates of one document
// may both match what only one may have: a compare-and-set that MongoDB guarantees. Passing on one writing command at
// a time, whatever connection it comes by, gives that guarantee back.

const (
	headerBytes  = 16
	messageLimit = 48_000_000 + headerBytes
	opMsg        = 2013
	moreToCome   = 1 << 1
)

var writes = map[string]bool{"insert": true, "update": true, "delete": true, "findAndModify": true, "findandmodify": true}

type front struct {
	backend string
	writing sync.Mutex
}

// serve accepts connections until ctx is done and passes their messages on to the Unix socket of FerretDB.
func (f *front) serve(ctx context.Context, listener net.Listener) error {
	context.AfterFunc(ctx, func() { listener.Close() })
	for {
		client, err := listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		go f.pass(ctx, client)
	}
}

// pass carries one connection: a request, then its reply, as a driver waits for each anyway.
func (f *front) pass(ctx context.Context, client net.Conn) {
	defer client.Close()
	server, err := net.Dial("unix", f.backend)
	if err != nil {
		return
	}
	defer server.Close()
	defer context.AfterFunc(ctx, func() { client.Close(); server.Close() })()
	for f.exchange(client, server) == nil {
	}
}

func (f *front) exchange(client, server net.Conn) error {
	request, err := readMessage(client)
	if err != nil {
		return err
	}
	command, answered := describe(request)
	if writes[command] {
		f.writing.Lock()
		defer f.writing.Unlock()
	}
	if _, err := server.Write(request); err != nil || !answered {
		return err
	}
	reply, err := readMessage(server)
	if err != nil {
		return err
	}
	_, err = client.Write(reply)
	return err
}

func readMessage(from io.Reader) ([]byte, error) {
	header := make([]byte, headerBytes)
	if _, err := io.ReadFull(from, header); err != nil {
		return nil, err
	}
	length := int(binary.LittleEndian.Uint32(header))
	if length < headerBytes || length > messageLimit {
		return nil, fmt.Errorf("expected a message of %d to %d bytes, got %d", headerBytes, messageLimit, length)
	}
	message := append(make([]byte, 0, length), header...)[:length]
	_, err := io.ReadFull(from, message[headerBytes:])
	return message, err
}

// describe tells an OP_MSG's command, the first key of its body document, and whether a reply is due. Everything
// else (the OP_QUERY of a first hello) writes nothing and is answered.
// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
func describe(message []byte) (command string, answered bool) {
	const flags, kind, firstKey = headerBytes, headerBytes + 4, headerBytes + 4 + 1 + 4 + 1
	if binary.LittleEndian.Uint32(message[12:]) != opMsg || len(message) <= firstKey || message[kind] != 0 {
		return "", true
	}
	end := bytes.IndexByte(message[firstKey:], 0)
	if end < 0 {
		return "", true
	}
	return string(message[firstKey : firstKey+end]), binary.LittleEndian.Uint32(message[flags:])&moreToCome == 0
}
