#!/usr/bin/ruby
# Requests in the ways that Ruby programs make them: prog-ruby.rb MODE URL CA.
require 'net/http'
require 'open-uri'
require 'openssl'
require 'socket'
require 'stringio'

MODE, URL, CA = ARGV
BASE = URI(URL)

def show(code, body)
  puts "#{code} #{body.to_s.bytesize} #{body.to_s[0, 60].inspect}"
end

def session
  options = BASE.scheme == 'https' ? { use_ssl: true, ca_file: CA } : {}
  Net::HTTP.start(BASE.host, BASE.port, nil, **options) { |http| yield http }
end

def do_net
  session do |http|
    show(*http.get('/a?b=c').then { |r| [r.code, r.body] })
    show(*http.post('/echo', 'x' * 200_000).then { |r| [r.code, r.body] })
    show(*http.head('/b').then { |r| [r.code, r.body] })
    upload = Net::HTTP::Put.new('/echo', 'Transfer-Encoding' => 'chunked')
    upload.body_stream = StringIO.new("one GET / HTTP/1.1\r\n\r\n" * 1000)
    show(*http.request(upload).then { |r| [r.code, r.body] })
    waiting = Net::HTTP::Post.new('/echo', 'Expect' => '100-continue')
    waiting.body = 'waited'
    show(*http.request(waiting).then { |r| [r.code, r.body] })
  end
end

def do_own
  session { |http| show(*http.get('/own', 'Baggage' => 'own=1').then { |r| [r.code, r.body] }) }
end

def do_open
  options = BASE.scheme == 'https' ? { ssl_ca_cert: CA } : {}
  URI.open(URI.join(URL, '/a'), proxy: nil, **options) { |f| show(f.status[0], f.read) }
  URI.open(URI.join(URL, '/redirect?to=/there'), proxy: nil, **options) do |f|
    show(f.status[0], f.read)
  end
end

def peer
  socket = TCPSocket.new('127.0.0.1', BASE.port)
  return socket if BASE.scheme == 'http'

  context = OpenSSL::SSL::SSLContext.new
  context.set_params(ca_file: CA)
  OpenSSL::SSL::SSLSocket.new(socket, context).tap do |tls|
    tls.hostname = BASE.host
    tls.sync_close = true
    tls.connect
  end
end

def answer(socket)
  length = 0
  while (line = socket.gets) && line != "\r\n"
    length = Regexp.last_match(1).to_i if line =~ /^Content-Length: (\d+)/i
  end
  show('-', socket.read(length))
end

def do_raw
  socket = peer
  socket.write("GET /write HTTP/1.1\r\n", "Host: #{BASE.host}:#{BASE.port}\r\n\r\n")
  answer(socket)
  socket.print("POST /echo HTTP/1.1\r\nHost: #{BASE.host}\r\nContent-Length: 5\r\n\r\nhe")
  socket << 'llo'
  answer(socket)
  begin
    sent = socket.write_nonblock("GET /now HTTP/1.1\r\nHost: #{BASE.host}\r\n\r\n")
  rescue IO::WaitWritable
    retry
  end
  puts sent
  answer(socket)
  socket.close
end

def do_threads
  seen = Queue.new
  threads = (1..6).map do |n|
    Thread.new do
      session { |http| 3.times { |i| seen << http.post("/echo/#{n}/#{i}", "#{n} #{i}").body } }
    end
  end
  threads.each(&:join)
  puts Array.new(seen.size) { seen.pop }.sort
end

send("do_#{MODE}")
