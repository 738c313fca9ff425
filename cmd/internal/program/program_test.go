package program_test

import (
	"io"
	"os"
	"testing"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/program"
)

func TestColors(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, test := range map[string]struct {
		env   map[string]string
		never bool
		want  bool
	}{
		"no terminal":                {},
		"forced":                     {env: map[string]string{"FORCE_COLOR": "1"}, want: true},
		"forced on a dumb terminal":  {env: map[string]string{"FORCE_COLOR": "1", "TERM": "dumb"}, want: true},
		"forced and forbidden":       {env: map[string]string{"FORCE_COLOR": "1", "NO_COLOR": "1"}},
		"forced, but not by request": {env: map[string]string{"FORCE_COLOR": "1"}, never: true},
		"dumb":                       {env: map[string]string{"TERM": "dumb"}},
	} {
		env := program.Env{Getenv: func(key string) string { return test.env[key] }}
		for _, w := range []io.Writer{io.Discard, file} {
			if got := env.Colors(w, test.never); got != test.want {
				t.Errorf("%s: %v", name, got)
			}
		}
	}
}
