//go:build unix

// Command measure prints how many answers a second parley gets and checks, beside plain Vegeta and wrk, which check
// nothing: medians of paired runs on this machine, and their ratios. The static target is a process of its own.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/parley-im/parley/loadgen/bench"
)

func main() {
	serve := flag.Int("serve", 0, "serve answers of this size, until the standard input ends (the command starts itself so)")
	pairs := flag.Int("pairs", 7, "how often each is measured")
	d := flag.Duration("for", 2*time.Second, "how long each run lasts")
	connections := flag.Int("connections", 32, "connections")
	flag.Parse()
	err := run(*serve, *pairs, *connections, *d)
	if err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func run(serve, pairs, connections int, d time.Duration) error {
	if serve > 0 {
		return target(serve)
	}
	fmt.Printf("%-8s %-16s %12s %10s %10s %8s\n", "bytes", "generator", "median/s", "/ vegeta", "/ wrk", "CPU µs")
	for _, size := range bench.Sizes {
		if err := measure(size, pairs, connections, d); err != nil {
			return err
		}
	}
	return nil
}

func target(size int) error {
	t, err := bench.Serve(size)
	if err != nil {
		return err
	}
	defer t.Close()
	fmt.Println(t.URL)
	bufio.NewReader(os.Stdin).ReadString('\n') // ends when the parent closes it, or ends
	return nil
}

// generator is one way to load the target; it gives correct answers a second.
type generator struct {
	name string
	run  func() (float64, error)
}

func measure(size, pairs, connections int, d time.Duration) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	child := exec.Command(self, "-serve", strconv.Itoa(size))
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		return err
	}
	out, err := child.StdoutPipe()
	if err != nil {
		return err
	}
	if err := child.Start(); err != nil {
		return err
	}
	defer child.Wait()
	defer in.Close()
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return fmt.Errorf("the static target did not start: %w", err)
	}
	t := bench.Known(size, strings.TrimSpace(url))
	generators := []generator{
		{"vegeta", func() (float64, error) { return bench.Vegeta(t, connections, d) }},
		{"parley net/http", func() (float64, error) { return parley(t, connections, d, false) }},
		{"parley fasthttp", func() (float64, error) { return parley(t, connections, d, true) }},
	}
	if path, err := exec.LookPath("wrk"); err == nil {
		generators = append(generators, generator{"wrk", func() (float64, error) { return wrk(path, t, connections, d) }})
	}
	return paired(size, pairs, generators)
}

// paired runs all generators in turns, in the one direction and then in the other, so that a drift of the machine
// falls on all of them.
func paired(size, pairs int, generators []generator) error {
	rates, costs := map[string][]float64{}, map[string][]float64{}
	for i := range pairs {
		order := slices.Clone(generators)
		if i%2 == 1 {
			slices.Reverse(order)
		}
		for _, g := range order {
			before := cpu()
			began := time.Now()
			rate, err := g.run()
			if err != nil {
				return fmt.Errorf("%s at %d bytes: %w", g.name, size, err)
			}
			rates[g.name] = append(rates[g.name], rate)
			costs[g.name] = append(costs[g.name], (cpu()-before).Seconds()*1e6/(rate*time.Since(began).Seconds()))
		}
	}
	for _, g := range generators {
		fmt.Printf("%-8d %-16s %12.0f %10s %10s %8.1f\n", size, g.name, median(rates[g.name]), ratio(rates[g.name], rates["vegeta"]),
			ratio(rates[g.name], rates["wrk"]), median(costs[g.name]))
	}
	return nil
}

// cpu is the processor time that this process and its finished children have used: under a busy machine it says more
// than the clock.
func cpu() (sum time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var usage syscall.Rusage
		if syscall.Getrusage(who, &usage) == nil {
			sum += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
		}
	}
	return sum
}

// ratio is the median of the ratios of runs that were neighbours.
func ratio(a, b []float64) string {
	var all []float64
	for i := range min(len(a), len(b)) {
		all = append(all, a[i]/b[i])
	}
	if len(all) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", median(all))
}

func median(all []float64) float64 {
	if len(all) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(all))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

func parley(t *bench.Target, connections int, d time.Duration, fast bool) (float64, error) {
	r, err := bench.Parley(context.Background(), t, connections, d, fast)
	if err != nil {
		return 0, err
	}
	if r.Errors > 0 || r.Violating > 0 || r.Checked != r.Sent {
		return 0, fmt.Errorf("not every answer was checked and right: %+v, errors %v, violations %v", r.Counts, r.ErrorClass, r.Violations)
	}
	return r.Throughput(), nil
}

var perSecond = regexp.MustCompile(`Requests/sec:\s*([0-9.]+)`)

func wrk(path string, t *bench.Target, connections int, d time.Duration) (float64, error) {
	dir, err := os.MkdirTemp("", "measure-*")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	script := filepath.Join(dir, "post.lua")
	lua := fmt.Sprintf("wrk.method=\"POST\"\nwrk.body=%q\nwrk.headers[\"Content-Type\"]=\"application/json\"\n", bench.Request)
	if err := os.WriteFile(script, []byte(lua), 0o600); err != nil {
		return 0, err
	}
	out, err := exec.Command(path, "-t", "2", "-c", strconv.Itoa(connections), "-d", fmt.Sprintf("%ds", max(1, int(d.Seconds()))), "-s", script, t.URL+"/conversation/sync").CombinedOutput()
	found := perSecond.FindSubmatch(out)
	if err != nil || found == nil {
		return 0, fmt.Errorf("wrk: %v: %s", err, out)
	}
	return strconv.ParseFloat(string(found[1]), 64)
}
