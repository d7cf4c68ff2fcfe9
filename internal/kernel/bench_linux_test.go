package kernel

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/mdlayher/netlink"
	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// compare calls two ways to do the same in turns, our own and a library's, and reports the time of a call of each, its allocations,
// and the library's speed where our own is 1.
func compare(b *testing.B, own, library func() error) {
	const turn = 8 // calls of one before it is the other's turn
	var took [2]time.Duration
	calls := 0
	for b.Loop() {
		for i, f := range []func() error{own, library} {
			begun := time.Now()
			for range turn {
				if err := f(); err != nil {
					b.Fatal(err)
				}
			}
			took[i] += time.Since(begun)
		}
		calls += turn
	}
	b.ReportMetric(0, "ns/op") // it is of both
	for i, name := range []string{"own", "library"} {
		b.ReportMetric(float64(took[i].Nanoseconds())/float64(calls), name+"-ns")
		b.ReportMetric(testing.AllocsPerRun(10, func() { _ = []func() error{own, library}[i]() }), name+"-allocs")
	}
	b.ReportMetric(float64(took[0])/float64(took[1]), "library-speed")
}

// BenchmarkSockDiag compares our codec of sock_diag with the library's: for a look at the server's end of a loopback connection, and for
// the list of the sockets that listen on a port, with the library's socket kept for both.
func BenchmarkSockDiag(b *testing.B) {
	library, err := netlink.Dial(unix.NETLINK_SOCK_DIAG, nil)
	if err != nil {
		b.Skip(err)
	}
	defer func() { _ = library.Close() }()
	ask := func(q question) ([]netlink.Message, error) {
		h := netlink.Header{Type: unix.SOCK_DIAG_BY_FAMILY, Flags: netlink.Request | netlink.HeaderFlags(q[6]) | netlink.HeaderFlags(q[7])<<8}
		return library.Execute(netlink.Message{Header: h, Data: q[unix.SizeofNlMsghdr:]})
	}
	b.Run("look", func(b *testing.B) {
		client, server := connect(b, "tcp4", "127.0.0.1")
		here, there := addresses(client)
		send(b, client, server, "hello")
		saw := func(e Endpoint, err error) error {
			if err == nil && e != (Endpoint{Received: 5, Queue: 5}) {
				err = fmt.Errorf("%+v", e)
			}
			return err
		}
		look := LookUpEndpoint(there, here)
		q := newEndQuestion(unix.AF_INET, there, here)
		compare(b, func() error { return saw(look.Look()) }, func() error {
			answers, err := ask(q)
			if err != nil || len(answers) != 1 {
				return fmt.Errorf("%d answers: %w", len(answers), err)
			}
			return saw(q.parse(answers[0].Data))
		})
	})
	b.Run("listeners", func(b *testing.B) {
		port := portOf(lowListen(b, "tcp4", "127.0.0.1"))
		one := func(found []Listener, err error) error {
			if err == nil && len(found) != 1 {
				err = fmt.Errorf("%d listeners", len(found))
			}
			return err
		}
		compare(b, func() error { return one(diagnose(port)) }, func() error {
			var found []Listener
			for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
				answers, err := ask(newDump(family, port))
				if err != nil {
					return err
				}
				for _, a := range answers {
					if l, ok := newListener(a.Data, port); ok {
						found = append(found, l)
					}
				}
			}
			return one(found, nil)
		})
	})
}

// BenchmarkProc compares our readers of /proc with the library's, for a process with two children: its figures, the work of its
// threads, and its memory alone, as it is watched. The library does not have the Pss_Anon and Pss_Shmem of smaps_rollup; what it
// has of that file is read in their place.
func BenchmarkProc(b *testing.B) {
	w := start(b)
	w.ask(b, "child 1000000")
	w.ask(b, "child 1000000")
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		b.Skip(err)
	}
	b.Run("figures", func(b *testing.B) {
		compare(b, func() error { _, err := Observe(w.pid); return err }, func() error {
			members, err := libraryFamily(fs, w.pid)
			if err != nil {
				return err
			}
			for _, p := range members {
				if err := libraryReady(fs, p); err != nil {
					return err
				}
				if _, err := p.FileDescriptors(); err != nil {
					return err
				}
				if _, err := p.Statm(); err != nil {
					return err
				}
			}
			return libraryMemory(members)
		})
	})
	b.Run("work", func(b *testing.B) {
		compare(b, func() error {
			if _, ok := WorkOf(w.pid); !ok {
				return ErrUnknown
			}
			return nil
		}, func() error {
			members, err := libraryFamily(fs, w.pid)
			for _, p := range members {
				err = errors.Join(err, libraryReady(fs, p))
			}
			return err
		})
	})
	b.Run("memory", func(b *testing.B) {
		members, err := libraryFamily(fs, w.pid)
		if err != nil || len(members) != 3 {
			b.Fatal(members, err)
		}
		pids := []int{members[0].PID, members[1].PID, members[2].PID}
		compare(b, func() error {
			if _, ok := sharedMemory(pids); !ok {
				return ErrUnknown
			}
			return nil
		}, func() error { return libraryMemory(members) })
	})
}

// libraryFamily is family by way of the library.
func libraryFamily(fs procfs.FS, pid int) ([]procfs.Proc, error) {
	all, err := fs.AllProcs()
	if err != nil {
		return nil, err
	}
	table, of := make(map[int]stat, len(all)), make(map[int]procfs.Proc, len(all))
	for _, p := range all {
		if s, err := p.Stat(); err == nil {
			table[p.PID], of[p.PID] = stat{pid: p.PID, parent: s.PPID, state: s.State[0]}, p
		}
	}
	members := []procfs.Proc{of[pid]}
	for _, d := range descendants(table, pid) {
		members = append(members, of[d.pid])
	}
	return members, nil
}

// libraryReady reads what readyOf does by way of the library.
func libraryReady(fs procfs.FS, p procfs.Proc) error {
	threads, err := fs.AllThreads(p.PID)
	for _, t := range threads {
		_, _ = t.Schedstat() // it may have ended
	}
	return err
}

// libraryMemory reads the files that sharedMemory does by way of the library.
func libraryMemory(members []procfs.Proc) error {
	for i, p := range members {
		if _, err := p.ProcSMapsRollup(); err != nil {
			return err
		}
		if i > 0 {
			continue
		}
		if _, err := p.NewStatus(); err != nil {
			return err
		}
	}
	return nil
}
