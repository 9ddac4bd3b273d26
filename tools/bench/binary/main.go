// What the benchmark compares a call with: a client compiled beforehand and started anew for each call. It reads the
// call as JSON, makes it and writes the answer.
package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
)

type call struct {
	Method string `json:"method"`
	URL    string `json:"url"`
}

func main() {
	var asked call
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		fail(err)
	}
	request, err := http.NewRequest(asked.Method, asked.URL, nil)
	if err != nil {
		fail(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		fail(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(os.Stdout, response.Body); err != nil {
		fail(err)
	}
}

func fail(err error) {
	os.Stderr.WriteString(err.Error() + "\n")
	os.Exit(1)
}
