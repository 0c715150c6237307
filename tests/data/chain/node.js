// B as Node's own HTTP server: PORT C-URL [agent]. An agent keeps connections to C and lends them
// to one request after the other. A timer asks C on its own.
const http = require("http");
const [port, c, how] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: how === "agent", maxSockets: 8 });

function ask(path, done) {
  http.get(c + path, { agent }, (answer) => {
    const parts = [];
    answer.on("data", (part) => parts.push(part));
    answer.on("end", () => done(Buffer.concat(parts)));
  }).on("error", () => done(Buffer.alloc(0)));
}

http.createServer((request, response) => {
  request.resume();
  request.on("end", () => ask(request.url, (data) => {
    response.writeHead(200, { "Content-Length": data.length });
    response.end(data);
  }));
}).listen({ port: Number(port), host: "127.0.0.1", backlog: 128 });

setInterval(() => ask("/own/timer", () => {}), 5);
