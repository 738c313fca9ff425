package oracle_test

import (
	"runtime"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/examples/oracle"
)

// spy is a test that ends by a note of how.
type spy struct {
	testing.TB
	failed, skipped bool
}

func (*spy) Helper() {}

func (s *spy) Fatalf(string, ...any) { s.failed = true; runtime.Goexit() }
func (s *spy) Skipf(string, ...any)  { s.skipped = true; runtime.Goexit() }

// What is absent skips a test, and fails it where nothing may be skipped.
func TestAbsent(t *testing.T) {
	for name, run := range map[string]func(testing.TB){
		"files":    func(tb testing.TB) { oracle.Files(tb, "no/such/*.file") },
		"optional": func(tb testing.TB) { oracle.Optional(tb, "no/such/*.file") },
		"tool":     func(tb testing.TB) { oracle.Missing(tb, "no tool") },
	} {
		for _, required := range []string{"", "1"} {
			t.Run(name+required, func(t *testing.T) {
				t.Setenv("RUNTIME_AUTH_REQUIRE", required)
				s := &spy{TB: t}
				done := make(chan struct{})
				go func() { defer close(done); run(s) }()
				<-done
				if s.failed != (required != "") || s.skipped != (required == "" && name != "optional") {
					t.Errorf("failed %v, skipped %v", s.failed, s.skipped)
				}
			})
		}
	}
}
