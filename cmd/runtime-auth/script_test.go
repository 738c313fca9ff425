package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"testing"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/testscript"
)

// programs are what the tests start by its name. The build tag cluster adds one.
var programs = map[string]func(){"runtime-auth": main, "runtime-auth-post-renderer": main, "runtime-auth-fn": main}

func TestMain(m *testing.M) { testscript.Main(m, programs) }

// TestScripts runs testdata/script: the command line as a user meets it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Condition: func(name string) (bool, error) {
			switch name {
			case "root": // whom no permission keeps out
				return os.Geteuid() == 0, nil
			case "cluster": // the build tag
				return programs["runtime-auth-cluster"] != nil, nil
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
