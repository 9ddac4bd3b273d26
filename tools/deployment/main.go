// Reads the deployment files with the libraries that Docker itself is made of, and prints what they say as JSON:
//
//	deployment compose FOLDER     the services of docker-compose.yaml, variables and .env filled in
//	deployment dockerfile FOLDER  the stages and instructions of the Dockerfile
//	deployment context FOLDER     the files that .dockerignore lets through to a build
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

type stage struct {
	Name         string        `json:"name"`
	Base         string        `json:"base"`
	Instructions []instruction `json:"instructions"`
}

// An instruction under its name in lower case, with all that its parser found.
type instruction struct {
	Name    string               `json:"name"`
	Text    string               `json:"text"`
	Details instructions.Command `json:"details"`
}

type dockerfile struct {
	Arguments map[string]string `json:"arguments"`
	Stages    []stage           `json:"stages"`
	Warnings  []string          `json:"warnings"`
}

func main() {
	if len(os.Args) != 3 {
		fail(errors.New("usage: deployment compose|dockerfile|context FOLDER"))
	}
	readers := map[string]func(string) (any, error){
		"compose":    readCompose,
		"dockerfile": readDockerfile,
		"context":    readContext,
	}
	reader, known := readers[os.Args[1]]
	if !known {
		fail(fmt.Errorf("expected compose, dockerfile or context, got %s", os.Args[1]))
	}
	result, err := reader(os.Args[2])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(result)
	}
	if err != nil {
		fail(err)
	}
}

func readCompose(folder string) (any, error) {
	options, err := cli.NewProjectOptions(
		[]string{filepath.Join(folder, "docker-compose.yaml")},
		cli.WithWorkingDirectory(folder),
		cli.WithOsEnv,
		cli.WithEnvFiles(),
		cli.WithDotEnv,
		cli.WithResolvedPaths(false),
	)
	if err != nil {
		return nil, err
	}
	return options.LoadProject(context.Background())
}

func readDockerfile(folder string) (any, error) {
	content, err := os.ReadFile(filepath.Join(folder, "Dockerfile"))
	if err != nil {
		return nil, err
	}
	parsed, err := parser.Parse(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	stages, arguments, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		return nil, err
	}
	result := dockerfile{Arguments: map[string]string{}, Warnings: []string{}}
	for _, warning := range parsed.Warnings {
		result.Warnings = append(result.Warnings, warning.Short)
	}
	for _, argument := range arguments {
		for _, pair := range argument.Args {
			result.Arguments[pair.Key] = pair.ValueString()
		}
	}
	for _, each := range stages {
		found := stage{Name: each.Name, Base: each.BaseName}
		for _, command := range each.Commands {
			found.Instructions = append(found.Instructions, instruction{
				Name:    command.Name(),
				Text:    fmt.Sprint(command),
				Details: command,
			})
		}
		result.Stages = append(result.Stages, found)
	}
	return result, nil
}

func readContext(folder string) (any, error) {
	file, err := os.Open(filepath.Join(folder, ".dockerignore"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		return nil, err
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return nil, err
	}
	files := []string{}
	err = filepath.WalkDir(folder, func(path string, entry iofs.DirEntry, err error) error {
		if err != nil || path == folder {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		ignored, err := matcher.MatchesOrParentMatches(name)
		if err != nil {
			return err
		}
		if entry.IsDir() && ignored && !holdsException(matcher, name) {
			return filepath.SkipDir
		}
		if entry.Type().IsRegular() && !ignored {
			files = append(files, filepath.ToSlash(name))
		}
		return nil
	})
	return files, err
}

// Whether a pattern with an exclamation mark may let through something below an ignored folder.
func holdsException(matcher *patternmatcher.PatternMatcher, folder string) bool {
	for _, pattern := range matcher.Patterns() {
		if pattern.Exclusion() && strings.HasPrefix(pattern.String()+"/", folder+"/") {
			return true
		}
	}
	return false
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
