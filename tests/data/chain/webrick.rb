# B as Ruby's WEBrick with Net::HTTP: PORT C-URL.
require "net/http"
require "webrick"

C = URI(ARGV[1])
server = WEBrick::HTTPServer.new(BindAddress: "127.0.0.1", Port: ARGV[0].to_i, AccessLog: [],
                                 MaxClients: 100, Logger: WEBrick::Log.new(File::NULL))
server.mount_proc "/" do |request, response|
  request.body
  answer = Net::HTTP.get_response(C.host, request.path, C.port)
  response["Content-Type"] = "text/plain"
  response.body = answer.body
end
trap("TERM") { server.shutdown }
server.start
