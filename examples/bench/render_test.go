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
	documentsHeld  = 2   // memory with --stream: at most so many times the largest document, and spare
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
	b.gibibyte(&all[0])
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
		name: "post-renderer", args: []string{filepath.Join(b.bin, "runtime-auth-post-renderer"), "-f", b.values},
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

// passes measures both programs in both modes, then others, on a release made so many
// times as long, and holds the memory to its bounds.
func (b *renderBench) passes(r *release, times, rounds int, others ...program) []cost {
	b.Helper()
	programs := append(b.renderers(r, times, "--stream"), b.renderers(r, times)...)
	title, size := fmt.Sprintf("%s ×%d", r.name, times), b.size(r, times)
	costs := b.run(title, rounds, float64(size)/1e6, append(programs, others...)...)
	for i, p := range programs {
		b.fits("memory of "+p.name+", "+title, costs[i].rss, memoryFor(r, size, i < 2))
	}
	return costs
}

// memoryFor is the memory that a program may take for a stream.
func memoryFor(r *release, size int64, streaming bool) int64 {
	if streaming {
		return documentsHeld*r.largest() + spare
	}
	return int64(heldBack*float64(size)) + spare
}

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
	for _, c := range costs[4:] {
		b.atLeast("CPU of kustomize / post-renderer --stream, "+r.name+" ×1", times(c, costs[0]), kustomizeRatio)
		b.atLeast("CPU of kustomize / render --stream, "+r.name+" ×1", times(c, costs[1]), kustomizeRatio)
	}
}

// tenfold returns what --stream takes in both programs.
func (b *renderBench) tenfold(r *release) []cost {
	b.Helper()
	var others []program
	if len(b.peers) > 0 {
		others = append(others, b.yq(b.peers[1], r, 10))
	}
	costs := b.passes(r, 10, 5, others...)
	for _, c := range costs[4:] {
		b.atLeast("CPU of yq / post-renderer --stream, "+r.name+" ×10", times(c, costs[0]), yqRatio)
		b.atLeast("CPU of yq / render --stream, "+r.name+" ×10", times(c, costs[1]), yqRatio)
	}
	return costs[:2]
}

func (b *renderBench) hundredfold(r *release, ten []cost) {
	b.Helper()
	const hundred = 100
	costs := b.passes(r, hundred, 5, b.cats(r, hundred))
	file := b.save(r, hundred)
	title := fmt.Sprintf("%s ×%d", r.name, hundred)
	programs := fromFile(file, append(b.renderers(r, hundred, "--stream"), b.cats(r, hundred))...)
	direct := b.run(title, 5, float64(b.size(r, hundred))/1e6, programs...)
	for i, name := range []string{"post-renderer", "render"} {
		b.fits("memory of "+programs[i].name+", "+title, direct[i].rss, memoryFor(r, 0, true))
		b.atMost("CPU of "+name+" --stream / cat | cat | cat, "+title, times(costs[i], costs[4]), catRatio)
		b.atMost("CPU of "+name+" --stream / cat | cat | cat, from a file, "+title, times(direct[i], direct[2]), catRatio)
		b.atMost("CPU of "+name+" --stream, ×100 / ×10, "+r.name, times(costs[i], ten[i]), tenTimes)
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

// gibibyte passes on a stream that is larger than the memory it may take by far.
func (b *renderBench) gibibyte(r *release) {
	b.Helper()
	times := r.timesFor(1 << 30)
	size := b.size(r, times)
	for _, p := range b.renderers(r, times, "--stream") {
		o, err := p.run()
		if err != nil {
			b.Fatal(err)
		}
		title := fmt.Sprintf("%s ×%d, %.2f GiB", r.name, times, mib(size)/1024)
		b.figure(title, p.name, float64(size)/1e6, o.cost)
		b.fits("memory of "+p.name+", "+title, o.rss, memoryFor(r, size, true))
	}
}
