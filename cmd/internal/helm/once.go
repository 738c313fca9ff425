package helm

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/helm-runtime-auth/runtime-auth/cmd/internal/input"
	"github.com/helm-runtime-auth/runtime-auth/schema/values"
)

// Once gives everybody the same content of what can be read only once: standard input,
// a pipe, a device. The content is kept in a private file.
type Once struct {
	Private *Private
	Stdin   io.Reader
	kept    []kept
}

// kept is what was read from a file: its name as it was given, and the path of the
// private file that stands for it.
type kept struct {
	name, path string
	info       fs.FileInfo // nil where no file was read
}

// Replace lets l name private files in the place of what can be read only once. It
// returns the values under the names that were given. Errors are those of reading.
func (o *Once) Replace(ctx context.Context, l *Line) (given values.Options, err error) {
	given = l.Values()
	replace := func(name string) (string, error) { return o.standIn(ctx, name) }
	for i := range l.Flags {
		f := &l.Flags[i]
		switch f.Name {
		case "values":
			f.Value, err = replace(f.Value)
		case "set-file":
			f.Value, err = mapPaths(f.Value, replace)
		}
		if err != nil {
			return given, err
		}
	}
	return given, nil
}

// Path returns the private file that stands for name, or name itself.
func (o *Once) Path(name string) string {
	for _, k := range o.kept {
		if k.name == name {
			return k.path
		}
	}
	return name
}

// Keep writes a private file that stands for name, which is that of no file, and returns
// its path.
func (o *Once) Keep(name string, data []byte) (string, error) { return o.keep(name, data, nil) }

func (o *Once) keep(name string, data []byte, info fs.FileInfo) (string, error) {
	path, err := o.Private.Write("values.yaml", data)
	if err == nil {
		o.kept = append(o.kept, kept{name, path, info})
	}
	return path, err
}

// UsesStdin reports whether standard input was read, under whatever name.
func (o *Once) UsesStdin() bool {
	stdin, _ := o.stat("-")
	return slices.ContainsFunc(o.kept, func(k kept) bool { return input.IsStdin(k.name) || os.SameFile(stdin, k.info) })
}

func (o *Once) standIn(ctx context.Context, name string) (string, error) {
	info, err := o.stat(name)
	isOnce := err == nil && (input.IsStdin(name) || onlyOnce(name, info))
	for _, k := range o.kept {
		if k.name == name || isOnce && (input.IsStdin(name) && input.IsStdin(k.name) || os.SameFile(info, k.info)) {
			o.kept = append(o.kept, kept{name, k.path, info})
			return k.path, nil
		}
	}
	if !isOnce {
		return name, nil // what is wrong with it, its reader will say
	}
	data, err := o.readAll(ctx, name)
	if err != nil {
		return "", fmt.Errorf("cannot read %q: %w", name, err)
	}
	path, err := o.keep(name, data, info)
	if err != nil {
		return "", fmt.Errorf("cannot keep the content of %q in a private file: %w", name, err)
	}
	return path, nil
}

// readAll returns when ctx is done, even if nobody has opened the other end of a pipe yet.
func (o *Once) readAll(ctx context.Context, name string) (data []byte, err error) {
	done := make(chan struct{})
	var read []byte
	var failed error
	go func() {
		defer close(done)
		if input.IsStdin(name) {
			read, failed = input.Reader("", o.Stdin)
		} else {
			read, failed = input.File(name)
		}
	}()
	select {
	case <-done:
		return read, input.Cause(failed)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// stat returns nil for a standard input that is not a file.
func (o *Once) stat(name string) (fs.FileInfo, error) {
	if !input.IsStdin(name) {
		return os.Stat(name)
	}
	if file, ok := o.Stdin.(*os.File); ok {
		return file.Stat()
	}
	return nil, nil
}

// onlyOnce reports whether a file is a pipe or a device, or belongs to this process, so
// that another process need not find the same content in it.
func onlyOnce(name string, info fs.FileInfo) bool {
	if !info.Mode().IsRegular() {
		return !info.IsDir()
	}
	path, err := filepath.Abs(name)
	return err == nil && (strings.HasPrefix(path, "/dev/") || strings.HasPrefix(path, "/proc/"))
}

// mapPaths replaces the paths in the text of one --set-file, such as a=path,b={c,d},
// where helm's parser finds them (pkg/strvals).
func mapPaths(text string, replace func(path string) (string, error)) (string, error) {
	var out strings.Builder
	for text != "" {
		key := nextPart(&text, "=")
		out.WriteString(key.raw + key.stop)
		stops := ","
		if strings.HasPrefix(text, "{") {
			out.WriteString("{")
			text, stops = text[1:], ",}"
		}
		for text != "" {
			part := nextPart(&text, stops)
			path, err := replace(part.plain)
			if err != nil {
				return "", err
			}
			if path != part.plain {
				part.raw = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `}`, `\}`).Replace(path)
			}
			out.WriteString(part.raw + part.stop)
			if stops == "," || part.stop == "}" {
				break
			}
		}
	}
	return out.String(), nil
}

// part is a piece of the text of a flag: as it is written, without its backslashes, and
// the character that ends it.
type part struct{ raw, plain, stop string }

// nextPart cuts text behind the first of stops that has no backslash in front of it.
func nextPart(text *string, stops string) part {
	var plain strings.Builder
	whole, escaped := *text, false
	for i, r := range whole {
		switch {
		case escaped:
			plain.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case strings.ContainsRune(stops, r):
			*text = whole[i+1:]
			return part{whole[:i], plain.String(), string(r)}
		default:
			plain.WriteRune(r)
		}
	}
	*text = ""
	return part{whole, plain.String(), ""}
}
