// Requests by Rust's standard library: prog-rust PORT.
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};

fn answer(mut peer: TcpStream) -> io::Result<()> {
    let mut text = String::new();
    peer.read_to_string(&mut text)?;
    print!("{}", text);
    Ok(())
}

// One answer of a connection that is kept; printed but for what varies.
fn one_answer(from: &mut BufReader<TcpStream>) -> io::Result<()> {
    let (mut line, mut len) = (String::new(), 0);
    while line != "\r\n" {
        line.clear();
        from.read_line(&mut line)?;
        if let Some(count) = line.to_lowercase().strip_prefix("content-length:") {
            len = count.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; len];
    from.read_exact(&mut body)?;
    println!("{} bytes of answer: {}", len, String::from_utf8_lossy(&body));
    Ok(())
}

// As io::Write::write_vectored has it: some of it may go.
fn all_vectors(peer: &mut TcpStream, parts: &[&[u8]]) -> io::Result<()> {
    let (all, mut done) = (parts.iter().map(|part| part.len()).sum::<usize>(), 0);
    while done < all {
        let mut skip = done;
        let mut vectors = Vec::new();
        for part in parts {
            let at = skip.min(part.len());
            skip -= at;
            vectors.push(IoSlice::new(&part[at..]));
        }
        done += peer.write_vectored(&vectors)?;
    }
    Ok(())
}

fn nonblocking(peer: &mut TcpStream, mut data: &[u8]) -> io::Result<()> {
    peer.set_nonblocking(true)?;
    while !data.is_empty() {
        match peer.write(data) {
            Ok(n) => data = &data[n..],
            Err(e) if e.kind() == ErrorKind::WouldBlock => std::thread::yield_now(),
            Err(e) => return Err(e),
        }
    }
    peer.set_nonblocking(false)
}

fn kept(port: u16) -> io::Result<()> {
    let mut peer = TcpStream::connect(("localhost", port))?;
    let mut back = BufReader::new(peer.try_clone()?);
    for (i, piece) in [1, 7, 40, 4096].into_iter().enumerate() {
        let text = format!("GET /kept{} HTTP/1.1\r\nHost: localhost\r\n\r\n", i);
        for part in text.as_bytes().chunks(piece) {
            peer.write_all(part)?;
        }
        one_answer(&mut back)?;
    }
    let long = "x".repeat(100_000);
    let head = format!("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", long.len());
    nonblocking(&mut peer, (head + &long).as_bytes())?;
    one_answer(&mut back)?;
    let mut buffered = BufWriter::with_capacity(16, peer.try_clone()?);
    buffered.write_all(b"GET /buffered HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    buffered.flush()?;
    one_answer(&mut back)?;
    peer.shutdown(Shutdown::Both)
}

// io::copy from a file to a socket is sendfile or splice, where the system has them.
fn file(port: u16) -> io::Result<()> {
    let text = "GET /body HTTP/1.1\r\nHost: nowhere\r\n\r\n".repeat(1000);
    std::fs::write("body", &text)?;
    let mut peer = TcpStream::connect(("127.0.0.1", port))?;
    write!(peer, "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", text.len())?;
    println!("{} copied", io::copy(&mut File::open("body")?, &mut peer)?);
    peer.write_all(b"GET /behind HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut back = BufReader::new(peer.try_clone()?);
    one_answer(&mut back)?;
    one_answer(&mut back)
}

fn main() -> io::Result<()> {
    let port: u16 = std::env::args().nth(1).unwrap().parse().unwrap();
    let to = ("127.0.0.1", port);

    let mut peer = TcpStream::connect(to)?;
    write!(peer, "GET /pieces HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", port)?;
    answer(peer)?;

    let peer = TcpStream::connect(to)?;
    let mut buffered = BufWriter::new(peer.try_clone()?);
    write!(buffered, "POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n")?;
    write!(buffered, "Content-Length: 5\r\n\r\nhello")?;
    buffered.flush()?;
    answer(peer)?;

    let mut peer = TcpStream::connect(to)?;
    let parts = [
        &b"GET /vectors HTTP/1.1\r\nHost: local"[..],
        b"host\r\nConnection: close\r\n\r",
        b"\n",
    ];
    all_vectors(&mut peer, &parts)?;
    answer(peer)?;

    kept(port)?;
    file(port)
}
