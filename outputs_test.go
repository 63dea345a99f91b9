package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAnOutputIsAFileOrWhatAShellGivesForOne(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(at("there"), []byte("what stood there, and is long"), 0o600); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"link": "there", "nowhere": "absent", "folder": "."} {
		if err := os.Symlink(to, at(link)); err != nil {
			t.Skipf("no link can be made here: %v", err)
		}
	}
	for name, says := range map[string]string{"folder": "it is a folder", ".": "it is a folder", "nowhere": "no such file", "no/where": "no such file"} {
		if o, err := openOutput("--hdr", at(name)); err == nil || !strings.Contains(err.Error(), "--hdr "+at(name)+" cannot be written to: ") || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
	}
	for _, name := range []string{"there", "link", "new"} {
		for _, text := range []string{"", "new"} {
			o, err := openOutput("--hdr", at(name))
			if err != nil {
				t.Fatal(err)
			}
			if text != "" {
				if to, err := o.begin(); err != nil {
					t.Error(err)
				} else if _, err := to.Write([]byte(text)); err != nil {
					t.Error(err)
				}
			}
			o.close()
			content, err := os.ReadFile(at(name))
			switch {
			case text == "new" && string(content) != text, name == "there" && text == "" && !strings.HasPrefix(string(content), "what"):
				t.Errorf("%s holds %q, %v", name, content, err)
			case name == "new" && text == "" && err == nil:
				t.Error("an output that was never written to stays")
			}
		}
	}
	if o, err := openOutput("--hdr", os.DevNull); err != nil {
		t.Error(err)
	} else if _, err := o.begin(); err != nil {
		t.Error(err)
	}
	if o, err := openOutput("--hdr", ""); o != nil || err != nil {
		t.Errorf("%+v, %v", o, err)
	}
}
