package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/parley-im/parley"

// rooms are named after the APIs: each has a room of that name in several places, and no room of one may know another.
var rooms = []string{"wukongim", "ozeki", "yunhu"}

// mayImport says which of parley's own top-level places a place may import. Main may import everything.
var mayImport = map[string][]string{
	"reference": {"reference"},
	"reports":   {"reports"},
	"fixtures":  {"fixtures", "reference"},
	"specs":     {"specs", "fixtures", "reference", "reports"},
	"loadgen":   {"loadgen", "fixtures", "reference", "reports"},
}

// leaf is the one package of specs that loadgen may import as well: how hard a statement is stands in one place.
const leaf = "specs/catalog"

// onlyIn says where a library may be imported, by the beginning of its path.
var onlyIn = map[string]string{
	"github.com/onsi/ginkgo/v2":               "specs",
	"github.com/onsi/gomega":                  "specs",
	"github.com/tsenart/vegeta":               "loadgen",
	"github.com/testcontainers":               "fixtures/container",
	"github.com/moby":                         "fixtures/container",
	"github.com/containerd":                   "fixtures/container",
	"github.com/valyala/fasthttp":             "loadgen",
	"github.com/goccy/go-yaml/parser":         "fixtures", // where files are bounded before they are parsed
	"github.com/alecthomas/kong":              "",
	"github.com/rogpeppe/go-internal":         "",
	"github.com/anishathalye/porcupine":       "specs/history",
	"pgregory.net/rapid":                      "specs/history",
	"github.com/HdrHistogram/hdrhistogram-go": "loadgen",
}

func TestEveryImportFollowsThePolicy(t *testing.T) {
	checked := 0
	for file, imports := range goFiles(t) {
		for _, path := range imports {
			checked++
			if problem := policy(filepath.ToSlash(filepath.Dir(file)), path); problem != "" {
				t.Errorf("%s imports %s: %s", file, path, problem)
			}
		}
	}
	if checked < 100 {
		t.Fatalf("only %d imports were looked at: the walk has missed the tree", checked)
	}
}

// TestThePolicyCatches plants what the policy forbids.
func TestThePolicyCatches(t *testing.T) {
	for _, c := range []struct{ dir, path string }{
		{"reference/wukongim/server", module + "/fixtures"},
		{"reference/exchange", module + "/specs/match"},
		{"reports/html", module + "/specs"},
		{"fixtures", module + "/specs"},
		{"fixtures", module + "/reference/wukongim/server"},
		{"specs", module + "/loadgen"},
		{"loadgen", module + "/specs"},
		{"loadgen/wukongim", module + "/specs/wukongim"},
		{"specs/catalog", module + "/fixtures"},
		{"specs", module + "/fixtures/wukongim"},
		{"specs/wukongim", module + "/specs/ozeki"},
		{"specs/wukongim", module + "/reference/wukongim/server"},
		{"reference/wukongim/server", module + "/reference/wukongim/faults"},
		{"reference/serve", module + "/reference/hostile"},
		{"reports/html", "github.com/onsi/gomega"},
		{"fixtures", "github.com/alecthomas/kong"},
	} {
		if policy(c.dir, c.path) == "" {
			t.Errorf("%s may import %s, and must not", c.dir, c.path)
		}
	}
}

// policy says what is wrong with an import; empty: nothing.
func policy(dir, path string) string {
	for library, home := range onlyIn {
		if strings.HasPrefix(path, library) && home != dir && !(home != "" && strings.HasPrefix(dir+"/", home+"/")) && !(home == "" && dir == ".") {
			return "that library has its home in /" + home
		}
	}
	own, ok := strings.CutPrefix(path, module+"/")
	if !ok || dir == "." {
		return ""
	}
	from, to := strings.SplitN(dir, "/", 2)[0], strings.SplitN(own, "/", 2)[0]
	allowed := from == "loadgen" && own == leaf
	for _, place := range mayImport[from] {
		allowed = allowed || place == to
	}
	switch {
	case dir == leaf && own != leaf:
		return "the catalogue knows nothing of ours"
	case !allowed:
		return from + " may not know " + to
	case familyOf(own) != "" && familyOf(own) != familyOf(dir) && !proving(dir):
		return "only rooms of the family " + familyOf(own) + " may know that room"
	case wrongOnPurpose(own) && !wrongOnPurpose(dir) && !proving(dir):
		return "an honest room has no trace of what is wrong on purpose"
	case familyOf(dir) != "" && dir == "specs/"+familyOf(dir) && strings.HasPrefix(own, "reference/"+familyOf(dir)+"/") && !strings.HasSuffix(own, "/model"):
		return "specs are written from the documents; only random sequences ask the reference, and of it the model alone"
	}
	return ""
}

// proving tells the places that prove the suite and the load generator, which must know families and faults.
func proving(dir string) bool {
	return dir == "specs/mutation" || dir == "specs/hostile" || dir == "loadgen/bench"
}

func wrongOnPurpose(path string) bool {
	return strings.HasSuffix(path, "/faults") || strings.HasSuffix(path, "/variants") || path == "reference/null" || path == "reference/fault" || path == "reference/hostile"
}

// familyOf is the family whose room a path is, empty where it is shared.
func familyOf(path string) string {
	for _, part := range strings.Split(path, "/") {
		for _, family := range rooms {
			if part == family {
				return family
			}
		}
	}
	return ""
}

// goFiles reads the source itself: what a child process reads, Go's test cache does not see. Tests may import more.
func goFiles(t *testing.T) map[string][]string {
	t.Helper()
	files := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			files[path] = append(files[path], name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
