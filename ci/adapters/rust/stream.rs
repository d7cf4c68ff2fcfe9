// Rust's std::net, a thread for each connection, for streamspec to judge: stream PORT
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

struct Stream { input: BufReader<TcpStream>, output: TcpStream, content: Vec<u8> }

impl Stream {
    fn read(&mut self, n: u64) -> Result<String> {
        let mut bytes = Vec::new();
        self.input.by_ref().take(n).read_to_end(&mut bytes)?;
        Ok(String::from_utf8(bytes)?)
    }
    // BufRead::lines has no limit and gives up at what is no UTF-8; str::trim knows Unicode.
    fn read_line(&mut self, limit: u64) -> Result<String> {
        let mut line = Vec::new();
        self.input.by_ref().take(limit).read_until(b'\n', &mut line)?;
        let space = |b: &u8| matches!(b, b' ' | 9..=13);
        let from = line.iter().position(|b| !space(b)).unwrap_or(line.len());
        let to = line.iter().rposition(|b| !space(b)).map_or(from, |i| i + 1);
        Ok(std::str::from_utf8(&line[from..to])?.to_string())
    }
    fn netstring(&mut self, text: String) { write!(self.content, "{}:{},", text.len(), text).unwrap(); }
    fn send(&mut self) -> Result<()> {
        self.output.write_all(&self.content)?;
        Ok(self.content.clear())
    }
    fn script(&mut self) -> Result<()> {
        let mut at_end = false;
        loop {
            let command = self.read_line(65536)?;
            let (word, arg) = command.split_once(' ').map_or((command.as_str(), None), |(w, a)| (w, Some(a)));
            match (word, arg) {
                ("", _) => return if at_end { self.send() } else { Ok(()) },
                ("READ", Some(n)) => { let text = self.read(number(n)?)?; self.netstring(text) }
                ("READLINE", limit) => { let text = self.read_line(number(limit.unwrap_or("65536"))?)?; self.netstring(text) }
                ("WRITE", text) => self.content.extend_from_slice(text.unwrap_or("").as_bytes()),
                ("BYTES", digits) => self.content.extend(bytes(digits.unwrap_or(""))?),
                ("SEND", None) => self.send()?,
                ("ATEND", None) => at_end = true,
                ("CLOSE", None) => return Ok(()),
                _ => return Err("unknown command".into()),
            }
        }
    }
}
fn bytes(digits: &str) -> Result<Vec<u8>> {
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) || digits.len() % 2 != 0 { return Err("no hexadecimal".into()); }
    Ok((0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap()).collect())
}
fn number(text: &str) -> Result<u64> {
    match text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse()) { Some(Ok(n)) if n <= 16777216 => Ok(n), _ => Err("no number of bytes".into()) }
}
fn serve(mut client: TcpStream) -> Result<()> {
    let mut stream = Stream { input: BufReader::new(client.try_clone()?), output: client.try_clone()?, content: Vec::new() };
    if let Err(e) = stream.script() { eprintln!("{e}"); }
    client.shutdown(Shutdown::Write)?;
    client.set_read_timeout(Some(Duration::from_secs(1)))?; // reads on for a while: closing over unread input resets the last answer
    let (mut rest, end) = ([0; 65536], Instant::now() + Duration::from_secs(5));
    while client.read(&mut rest)? > 0 && Instant::now() < end {}
    Ok(())
}
fn main() -> Result<()> {
    let port = std::env::args().nth(1).ok_or("stream PORT")?.parse()?;
    for client in TcpListener::bind(("127.0.0.1", port))?.incoming().flatten() { std::thread::spawn(move || serve(client)); }
    Ok(())
}
