// Requests by Rust's standard library: prog-rust PORT.
use std::io::{BufWriter, IoSlice, Read, Write};
use std::net::TcpStream;

fn answer(mut peer: TcpStream) -> std::io::Result<()> {
    let mut text = String::new();
    peer.read_to_string(&mut text)?;
    print!("{}", text);
    Ok(())
}

fn main() -> std::io::Result<()> {
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
    let vectors: Vec<IoSlice> = parts.iter().map(|part| IoSlice::new(part)).collect();
    println!("{}", peer.write_vectored(&vectors)?);
    answer(peer)
}
