package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"testing"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/cluster"
	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/postrender"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"runtime-auth": main,
		"runtime-auth-post-renderer": func() {
			os.Exit(postrender.Main(os.Args[1:], postrender.Env{
				Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
			}))
		},
		"runtime-auth-cluster": func() {
			os.Exit(cluster.Main(os.Args[1:], cluster.Env{
				Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
			}))
		},
	})
}

// TestScripts runs testdata/script: the command line as a user meets it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Condition: func(name string) (bool, error) {
			if name == "root" { // whom no permission keeps out
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exitcode": exitCode,
			"utf16":    utf16Files,
		},
	})
}

// exitCode is the script command `exitcode N program args…`: the program must end
// with exactly that code. The built-in exec knows only success and failure.
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode N program args…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = err.Error()
	}
	if got != args[0] && got != "exit status "+args[0] {
		ts.Fatalf("%v ended with %q, want %s", args[1:], got, args[0])
	}
}

// utf16Files is the script command `utf16 FILE…`: it writes FILE.utf16, with a byte order
// mark and in the order of bytes that Windows has.
func utf16Files(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: utf16 FILE…")
	}
	for _, name := range args {
		var data []byte
		for _, unit := range utf16.Encode([]rune("\ufeff" + ts.ReadFile(name))) {
			data = binary.LittleEndian.AppendUint16(data, unit)
		}
		ts.Check(os.WriteFile(ts.MkAbs(name+".utf16"), data, 0o644))
	}
}
