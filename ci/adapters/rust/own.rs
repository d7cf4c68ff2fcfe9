// A line server on Rust's own BufRead::lines and str::trim, for streamspec to show what that does: own PORT
use std::io::{BufRead, BufReader, Result, Write};
use std::net::{TcpListener, TcpStream};

fn serve(mut client: TcpStream) -> Result<()> {
    for line in BufReader::new(client.try_clone()?).lines() {
        let line = line?;
        if line.trim().is_empty() {
            break;
        }
        writeln!(client, "{}", line.trim())?;
    }
    Ok(())
}

fn main() -> Result<()> {
    let port = std::env::args().nth(1).unwrap().parse().unwrap();
    for client in TcpListener::bind(("127.0.0.1", port))?.incoming().flatten() {
        std::thread::spawn(move || serve(client));
    }
    Ok(())
}
