// B by Rust's standard library: threads PORT C-URL threads|pool|scoped. A thread for each connection, or
// a few that are handed connections through a channel, or that accept themselves; each connection has
// one of its own to C, kept as long. Requests go out in every way that io::Write has.
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, BufWriter, Error, ErrorKind, IoSlice, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{mpsc, Arc, Mutex};
use std::thread;

struct Head {
    line: String,
    fields: HashMap<String, String>,
}

fn head(from: &mut BufReader<TcpStream>) -> io::Result<Option<Head>> {
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut fields = HashMap::new();
    loop {
        let mut field = String::new();
        if from.read_line(&mut field)? == 0 {
            return Err(Error::from(ErrorKind::UnexpectedEof));
        }
        if field.trim_end().is_empty() {
            break;
        }
        if let Some((name, value)) = field.split_once(':') {
            fields.insert(name.to_lowercase(), value.trim().to_string());
        }
    }
    Ok(Some(Head { line: line.trim_end().to_string(), fields }))
}

fn chunks(from: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    loop {
        let mut line = String::new();
        from.read_line(&mut line)?;
        let size = line.split(';').next().unwrap().trim();
        let len = usize::from_str_radix(size, 16).map_err(|_| Error::from(ErrorKind::InvalidData))?;
        if len == 0 {
            break;
        }
        let start = data.len();
        data.resize(start + len, 0);
        from.read_exact(&mut data[start..])?;
        from.read_line(&mut line)?;
    }
    let mut line = String::new();
    while from.read_line(&mut line)? > 2 {
        line.clear();
    }
    Ok(data)
}

fn body(from: &mut BufReader<TcpStream>, h: &Head) -> io::Result<Vec<u8>> {
    if h.fields.contains_key("transfer-encoding") {
        return chunks(from);
    }
    let len = h.fields.get("content-length").map_or(0, |v| v.parse().unwrap());
    let mut data = vec![0; len];
    from.read_exact(&mut data)?;
    Ok(data)
}

fn all_vectors(to: &mut TcpStream, parts: &[&[u8]]) -> io::Result<()> {
    let (all, mut done) = (parts.iter().map(|part| part.len()).sum::<usize>(), 0);
    while done < all {
        let mut skip = done;
        let mut vectors = Vec::new();
        for part in parts {
            let at = skip.min(part.len());
            skip -= at;
            vectors.push(IoSlice::new(&part[at..]));
        }
        done += to.write_vectored(&vectors)?;
    }
    Ok(())
}

struct Connection {
    to: TcpStream,
    from: BufReader<TcpStream>,
}

struct Caller {
    host: String,
    kept: Option<Connection>,
    calls: usize,
}

impl Caller {
    fn send(&mut self, to: &mut TcpStream, text: &[u8]) -> io::Result<()> {
        let (one, two) = text.split_at(text.len() / 2);
        self.calls += 1;
        match self.calls % 3 {
            0 => to.write_all(text),
            1 => all_vectors(to, &[one, two]),
            _ => {
                let mut buffered = BufWriter::with_capacity(32, to);
                buffered.write_all(one)?;
                buffered.write_all(two)?;
                buffered.flush()
            }
        }
    }

    fn connect(&self) -> io::Result<Connection> {
        let to = TcpStream::connect(&self.host)?;
        to.set_nodelay(true)?;
        let from = BufReader::new(to.try_clone()?);
        Ok(Connection { to, from })
    }

    fn get(&mut self, path: &str) -> io::Result<Vec<u8>> {
        let text = format!("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", path, self.host);
        let mut c = match self.kept.take() {
            Some(c) => c,
            None => self.connect()?,
        };
        self.send(&mut c.to, text.as_bytes())?;
        let h = head(&mut c.from)?.ok_or(Error::from(ErrorKind::UnexpectedEof))?;
        if h.fields.get("connection").map_or(false, |v| v == "close") {
            let mut data = Vec::new();
            if h.fields.contains_key("transfer-encoding") || h.fields.contains_key("content-length") {
                return body(&mut c.from, &h);
            }
            c.from.read_to_end(&mut data)?;
            return Ok(data);
        }
        let data = body(&mut c.from, &h)?;
        self.kept = Some(c);
        Ok(data)
    }
}

fn serve(peer: TcpStream, c: &str) -> io::Result<()> {
    peer.set_nodelay(true)?;
    let mut from = BufReader::new(peer.try_clone()?);
    let mut to = peer;
    let mut caller = Caller { host: c.to_string(), kept: None, calls: 0 };
    while let Some(h) = head(&mut from)? {
        body(&mut from, &h)?;
        let mut words = h.line.split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap_or("/"));
        let keep = h.line.ends_with("HTTP/1.1");
        let data = caller.get(path)?;
        let kept = if keep { "keep-alive" } else { "close" };
        write!(to, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: {}\r\n\r\n", data.len(), kept)?;
        if method != "HEAD" {
            to.write_all(&data)?;
        }
        if !keep {
            break;
        }
    }
    Ok(())
}

fn pool(listener: TcpListener, c: &'static str) {
    let (hand, take) = mpsc::channel::<TcpStream>();
    let take = Arc::new(Mutex::new(take));
    for _ in 0..16 {
        let take = take.clone();
        thread::spawn(move || loop {
            let peer = take.lock().unwrap().recv().unwrap();
            let _ = serve(peer, c);
        });
    }
    for peer in listener.incoming() {
        hand.send(peer.unwrap()).unwrap();
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let listener = TcpListener::bind(("127.0.0.1", args[1].parse::<u16>().unwrap())).unwrap();
    let c: &'static str = Box::leak(args[2].replace("http://", "").into_boxed_str());
    match args[3].as_str() {
        "pool" => pool(listener, c),
        "scoped" => thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for peer in listener.incoming() {
                        let _ = serve(peer.unwrap(), c);
                    }
                });
            }
        }),
        _ => {
            for peer in listener.incoming() {
                let peer = peer.unwrap();
                thread::spawn(move || serve(peer, c));
            }
        }
    }
}
