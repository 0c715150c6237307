# B as a Ruby TCPServer, a thread for each connection, Net::HTTP kept as long: PORT C-URL.
require "net/http"
require "socket"

C = URI(ARGV[1])
server = TCPServer.new("127.0.0.1", ARGV[0].to_i)
server.listen(128)

def serve(conn)
  conn.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1)
  client = Net::HTTP.start(C.host, C.port)
  while (line = conn.gets)
    method, path, version = line.split
    headers = {}
    while (line = conn.gets) && line != "\r\n"
      name, value = line.chomp.split(":", 2)
      headers[name.downcase] = value.strip
    end
    conn.read(headers["content-length"].to_i)
    data = client.get(path).body
    keep = version == "HTTP/1.1"
    conn.write("HTTP/1.1 200 OK\r\nContent-Length: #{data.bytesize}\r\n" \
               "Connection: #{keep ? "keep-alive" : "close"}\r\n\r\n", method == "HEAD" ? "" : data)
    break unless keep
  end
rescue SystemCallError, IOError
  nil
ensure
  conn.close
end

loop { Thread.new(server.accept) { |conn| serve(conn) } }
