package plant

// A Fault is a faulty.Fault with what plants it.
type Fault struct {
	Name        string
	Sentence    string   // what a client sees
	Requirement string   // the requirement that it breaks first of all
	Mistake     string   // how people come to make it
	Dialects    []string // the dialects in which it shows
	Exchanged   bool     // it shows too where its first dialect is judged by an exchange file
	Rare        bool     // it shows by chance alone, now and then
	Trivial     bool     // it does not serve at all
	Spins       bool     // it works for ever, and takes its process the time to do anything else
	// Warned are the requirements of which a right server that looks odd breaks what they recommend, and Unjudged says that no suite can say more
	// of it than why it cannot be judged.
	Warned   []string
	Unjudged bool

	// Plant sets what is changed.
	Plant func(*Changes)
}

// A Control is a faulty.Control with what plants it.
type Control struct {
	Name     string
	Sentence string   // what is odd about it
	Dialects []string // the dialects in which it shows
	// Exchanged says that it shows too where its first dialect is judged by an exchange file.
	Exchanged bool

	// Plant sets what is changed.
	Plant func(*Changes)
}

// Where a fault or a control shows.
var (
	ByteDialects = []string{"echo", "greet"}
	EveryDialect = []string{"echo", "greet", "line", "script"}
	LineDialects = []string{"line", "script"}
	ScriptAlone  = []string{"script"}
)
