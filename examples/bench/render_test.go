//go:build bench && unix

package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// The promises of the post-renderer.
const (
	catRatio       = 2.5 // CPU for the longest stream, at most so many times that of three cats
	kustomizeRatio = 40  // kustomize's CPU for a release, at least so many times ours
	yqRatio        = 40  // yq's for one ten times as long
	tenTimes       = 11  // CPU for a stream, at most so many times that for one a tenth as long
	heldBack       = 1.3 // memory, if all output is held back: at most so many times the stream, and spare
	spare          = 16 << 20
)

func TestBenchRender(t *testing.T) {
	b := &renderBench{bench: newBench(t)}
	b.values = filepath.Join(t.TempDir(), "values.yaml")
	write(t, b.values, credential)
	b.findPeers()
	all := releases(t)
	for i := range all {
		b.learn(&all[i])
		b.once(&all[i])
		ten := b.tenfold(&all[i])
		b.hundredfold(&all[i], ten)
	}
	if b.floor() > spare {
		t.Error("the memory of a small stream is not that of the program")
	}
	b.print("MB")
}

type renderBench struct {
	*bench
	values string   // the file with the credential
	peers  []string // kustomize and yq, or nothing
}

func (b *renderBench) findPeers() {
	b.Helper()
	peers, err := output("peers.sh")
	if err != nil || len(peers) != 2 {
		skipped(b.T, "kustomize, and yq with it,", err)
		return
	}
	b.peers = peers
}

// learn renders a release once and says what it is.
func (b *renderBench) learn(r *release) {
	b.Helper()
	p := program{
		name: "post-renderer", args: []string{filepath.Join(b.bin, "runtime-auth-post-renderer"), "--override-stream-values", "-f", b.values},
		stdin: b.stream(r, 1), check: succeeds,
	}
	o, err := p.run()
	if err != nil {
		b.Fatal(err)
	}
	if err := r.learn(o.stdout); err != nil {
		b.Fatalf("%s: %v", r.name, err)
	}
	fmt.Printf("%s: %.1f MB in %d documents, the largest of %.2f MB; wired were", r.name,
		float64(len(r.manifest))/1e6, len(documents(r.manifest)), float64(r.largest())/1e6)
	for _, c := range r.changes {
		fmt.Printf(" %s/%s", c.Kind, c.Metadata.Name)
	}
	fmt.Println()
}

// passes measures both programs, then others, on a release made so many
// times as long, and holds the memory to its bounds.
func (b *renderBench) passes(r *release, times, rounds int, others ...program) []cost {
	b.Helper()
	programs := b.renderers(r, times)
	title, size := fmt.Sprintf("%s ×%d", r.name, times), b.size(r, times)
	costs := b.run(title, rounds, float64(size)/1e6, append(programs, others...)...)
	for i, p := range programs {
		b.fits("memory of "+p.name+", "+title, costs[i].rss, memoryFor(size))
	}
	return costs
}

// memoryFor is the memory that a program may take for a stream.
func memoryFor(size int64) int64 { return int64(heldBack*float64(size)) + spare }

func (b *renderBench) size(r *release, times int) int64 {
	b.Helper()
	d, err := r.want(times)
	if err != nil {
		b.Fatal(err)
	}
	return d.size
}

func (b *renderBench) once(r *release) {
	b.Helper()
	var others []program
	if len(b.peers) > 0 {
		others = append(others, b.kustomize(b.peers[0], r))
	}
	costs := b.passes(r, 1, 5, others...)
	for _, c := range costs[2:] {
		b.atLeast("CPU of kustomize / post-renderer, "+r.name+" ×1", times(c, costs[0]), kustomizeRatio)
		b.atLeast("CPU of kustomize / render, "+r.name+" ×1", times(c, costs[1]), kustomizeRatio)
	}
}

// tenfold returns what both programs take.
func (b *renderBench) tenfold(r *release) []cost {
	b.Helper()
	var others []program
	if len(b.peers) > 0 {
		others = append(others, b.yq(b.peers[1], r, 10))
	}
	costs := b.passes(r, 10, 5, others...)
	for _, c := range costs[2:] {
		b.atLeast("CPU of yq / post-renderer, "+r.name+" ×10", times(c, costs[0]), yqRatio)
		b.atLeast("CPU of yq / render, "+r.name+" ×10", times(c, costs[1]), yqRatio)
	}
	return costs[:2]
}

func (b *renderBench) hundredfold(r *release, ten []cost) {
	b.Helper()
	const hundred = 100
	costs := b.passes(r, hundred, 5, b.cats(r, hundred))
	file := b.save(r, hundred)
	title := fmt.Sprintf("%s ×%d", r.name, hundred)
	programs := fromFile(file, append(b.renderers(r, hundred), b.cats(r, hundred))...)
	direct := b.run(title, 5, float64(b.size(r, hundred))/1e6, programs...)
	for i, name := range []string{"post-renderer", "render"} {
		b.fits("memory of "+programs[i].name+", "+title, direct[i].rss, memoryFor(b.size(r, hundred)))
		b.atMost("CPU of "+name+" / cat | cat | cat, "+title, times(costs[i], costs[2]), catRatio)
		b.atMost("CPU of "+name+" / cat | cat | cat, from a file, "+title, times(direct[i], direct[2]), catRatio)
		b.atMost("CPU of "+name+", ×100 / ×10, "+r.name, times(costs[i], ten[i]), tenTimes)
	}
}

// save writes a release made so many times as long into a file.
func (b *renderBench) save(r *release, times int) string {
	b.Helper()
	file, err := os.Create(filepath.Join(b.TempDir(), "release.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(r.write(file, times), file.Close()); err != nil {
		b.Fatal(err)
	}
	return file.Name()
}
