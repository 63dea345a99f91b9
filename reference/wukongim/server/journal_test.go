package server

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-im/parley/reference/hook"
	"github.com/parley-im/parley/reference/wukongim/model"
)

// over is a server over the journal at path, as a process would start it.
func over(t *testing.T, path string) (*Server, *FileJournal) {
	t.Helper()
	journal, err := OpenJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(Options{Journal: journal})
	if err != nil {
		t.Fatal(err)
	}
	return s, journal
}

// again closes a journal without asking the server, as a kill does, and starts another over the same file.
func again(t *testing.T, journal *FileJournal) (*Server, *FileJournal) {
	t.Helper()
	if err := journal.Close(); err != nil {
		t.Fatal(err)
	}
	return over(t, journal.path)
}

const everythingOfAnn = `{"uid":"ann","msg_count":50}`

// doAll sends one of everything that changes something.
func doAll(t *testing.T, s *Server) {
	t.Helper()
	post(t, s, worldPath, groupOfThree, 200)
	post(t, s, sendPath, `{"from_uid":"cid","channel_id":"ann","channel_type":1,"payload":"/wA=","client_msg_no":"群聊 \u0000 \" \\ \u2028"}`, 200)
	post(t, s, "/channel", `{"channel_id":"h","channel_type":2,"subscribers":["ann","bob"]}`, 200)
	for range 4 {
		post(t, s, sendPath, `{"from_uid":"bob","channel_id":"h","channel_type":2,"payload":"aGk="}`, 200)
	}
	post(t, s, setPath, `{"uid":"ann","channel_id":"h","channel_type":2,"unread":3}`, 200)
	post(t, s, clearPath, `{"uid":"ann","channel_id":"g","channel_type":2,"message_seq":1}`, 200)
	post(t, s, delPath, `{"uid":"ann","channel_id":"bob","channel_type":1}`, 200)
	post(t, s, delPath, `{"uid":"ann","channel_id":"nobody","channel_type":1}`, 404)
}

func TestAServerThatStartsAgainKnowsEverything(t *testing.T) {
	s, journal := over(t, filepath.Join(t.TempDir(), "journal"))
	doAll(t, s)
	for _, user := range []string{"ann", "bob", "cid"} {
		body := strings.ReplaceAll(everythingOfAnn, "ann", user)
		before := post(t, s, syncPath, body, 200)
		s, journal = again(t, journal)
		if after := post(t, s, syncPath, body, 200); after != before {
			t.Errorf("%s sees\n%s\nand saw\n%s", user, after, before)
		}
	}
	post(t, s, hook.Prefix+"messages", `{"schema":1,"run":"p1a2b3c4d","conversation":"d","messages":[{"from":"ann","client_msg_no":"c9","payload":""}]}`, 200)
	s, journal = again(t, journal)
	if after := post(t, s, syncPath, `{"uid":"bob","msg_count":5}`, 200); !strings.Contains(after, `"c9"`) {
		t.Errorf("what the hook appended by an old handle is lost: %s", after)
	}
	post(t, s, hook.Prefix+"clean", `{"schema":1,"run":"p1a2b3c4d"}`, 200)
	s, _ = again(t, journal)
	post(t, s, hook.Prefix+"messages", `{"schema":1,"run":"p1a2b3c4d","conversation":"d","messages":[{"from":"ann","client_msg_no":"c9","payload":""}]}`, 404)
}

func TestTheJournalInMemoryKeepsTheSame(t *testing.T) {
	var journal MemoryJournal
	s := New(Options{Journal: &journal})
	doAll(t, s)
	before := post(t, s, syncPath, everythingOfAnn, 200)
	if after := post(t, New(Options{Journal: &journal}), syncPath, everythingOfAnn, 200); after != before {
		t.Errorf("%s\n%s", after, before)
	}
}

// A process can be killed after any byte that it wrote: whatever was acknowledged before that is there.
func TestALastLineThatWasCutOffIsLeftOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	s, journal := over(t, path)
	doAll(t, s)
	if err := journal.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	for cut := len(whole) - len(lines[len(lines)-2]); cut < len(whole); cut += 7 {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		s, journal := over(t, path)
		post(t, s, sendPath, `{"from_uid":"bob","channel_id":"h","channel_type":2,"payload":"aGk=","client_msg_no":"later"}`, 200)
		s, journal = again(t, journal)
		if after := post(t, s, syncPath, everythingOfAnn, 200); !strings.Contains(after, `"later"`) || !strings.Contains(after, `"bob"`) {
			t.Fatalf("cut at %d of %d: %s", cut, len(whole), after)
		}
		if err := journal.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFileThatIsNoJournalStaysAsItIs(t *testing.T) {
	for name, c := range map[string]struct{ content, says string }{
		"another file":     {"hello\n", "first line is not that of a journal"},
		"a broken line":    {journalHead + "\n{\"send\":\n{}\n", "journal:2 cannot be replayed"},
		"an unknown entry": {journalHead + "\n{\"wings\":{}}\n", "of a kind that is not known here"},
	} {
		path := filepath.Join(t.TempDir(), "journal")
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		journal, err := OpenJournal(path)
		if err == nil {
			_, err = Open(Options{Journal: journal})
		}
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want an error that says %q", name, err, c.says)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != c.content {
			t.Errorf("%s: the file was changed to %q, %v", name, after, err)
		}
	}
	if _, err := OpenJournal(t.TempDir()); err == nil {
		t.Error("a folder was taken as a journal")
	}
}

func TestTwoServersDoNotShareAJournal(t *testing.T) {
	_, journal := over(t, filepath.Join(t.TempDir(), "journal"))
	if _, err := OpenJournal(journal.path); err == nil || !strings.Contains(err.Error(), "another server has it open") {
		t.Errorf("got %v", err)
	}
}

// A change that cannot be kept is not made.
func TestWhatCannotBeKeptIsRefused(t *testing.T) {
	s, journal := over(t, filepath.Join(t.TempDir(), "journal"))
	post(t, s, sendPath, `{"from_uid":"bob","channel_id":"ann","channel_type":1,"payload":"aGk=","client_msg_no":"kept"}`, 200)
	journal.broken = errors.New("the disk is full")
	before := post(t, s, syncPath, everythingOfAnn, 200)
	for path, body := range map[string]string{
		sendPath:  `{"from_uid":"bob","channel_id":"ann","channel_type":1,"payload":"aGk=","client_msg_no":"lost"}`,
		clearPath: `{"uid":"ann","channel_id":"bob","channel_type":1}`,
		worldPath: groupOfThree,
	} {
		if answer := post(t, s, path, body, 500); !strings.Contains(answer, "the disk is full") {
			t.Errorf("%s: %s", path, answer)
		}
	}
	if after := post(t, s, syncPath, everythingOfAnn, 200); after != before {
		t.Errorf("%s\nwas %s", after, before)
	}
}

func TestEveryOperationHasAnEntry(t *testing.T) {
	channel := model.Channel{ID: "g", Type: 2}
	for _, e := range []Entry{
		{Subscribe: &model.Subscribe{Channel: channel}}, {Send: &model.Send{Channel: channel}}, {Clear: &model.Clear{}},
		{Set: &model.Set{}}, {Delete: &model.Delete{}}, {Clean: &model.Clean{}},
	} {
		if e.operation() == nil {
			t.Errorf("%+v gives no operation", e)
		}
	}
}

func BenchmarkSendJournaled(b *testing.B) {
	journal, err := OpenJournal(filepath.Join(b.TempDir(), "journal"))
	if err != nil {
		b.Fatal(err)
	}
	s := New(Options{Journal: journal})
	for b.Loop() {
		do(s, "POST", sendPath, `{"from_uid":"bob","channel_id":"h","channel_type":2,"payload":"aGk="}`)
	}
}
