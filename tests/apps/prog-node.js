// Requests in the ways that Node programs make them: prog-node.js MODE URL [CA].
const fs = require('fs');
const http = require('http');
const https = require('https');
const net = require('net');

const [mode, url, ca] = process.argv.slice(2);
const base = new URL(url);
const tls = base.protocol === 'https:';

function show(code, body) {
    console.log(code, body.length, body.toString('latin1').slice(0, 60));
}

function request(method, path, agent, options = {}) {
    const { body, pieces, headers } = options;
    return new Promise((resolve, reject) => {
        const settings = { method, agent, headers };
        if (tls) settings.ca = fs.readFileSync(ca);
        const call = (tls ? https : http).request(new URL(path, base), settings, (answer) => {
            const parts = [];
            answer.on('data', (part) => parts.push(part));
            answer.on('end', () => resolve([answer.statusCode, Buffer.concat(parts)]));
        });
        call.on('error', reject);
        for (const piece of pieces || []) call.write(piece);
        call.end(body);
    });
}

async function client() {
    const agent = new (tls ? https : http).Agent({ keepAlive: true, maxSockets: 1 });
    show(...await request('GET', '/a?b=c', agent));
    show(...await request('POST', '/echo', agent, { body: Buffer.alloc(300000, 'x') }));
    const pieces = ['one', 'GET / HTTP/1.1\r\n\r\n', 'x'];
    show(...await request('PUT', '/echo', agent, { pieces }));
    show(...await request('HEAD', '/b', agent));
    agent.destroy();
}

async function own() {
    show(...await request('GET', '/own', undefined, { headers: { Baggage: 'own=1' } }));
}

async function many() {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 6 });
    const all = [];
    for (let i = 0; i < 30; i++) all.push(request('POST', `/echo/${i}`, agent, { body: `${i}` }));
    for (const answer of await Promise.all(all)) show(...answer);
    agent.destroy();
}

async function fetches() {
    const get = async (...args) => {
        const answer = await fetch(...args);
        show(answer.status, Buffer.from(await answer.arrayBuffer()));
    };
    await get(new URL('/a?b=c', base));
    await get(new URL('/echo', base), { method: 'POST', body: 'x'.repeat(100000) });
    await get(new URL('/redirect?to=/there', base));
}

function sockets() {
    const socket = net.connect(Number(base.port), '127.0.0.1', () => {
        socket.cork();
        socket.write('GET /corked HTTP/1.1\r\n');
        socket.write(`Host: ${base.host}\r\n`);
        socket.write('Connection: close\r\n\r\n');
        socket.uncork();
    });
    socket.on('data', (data) => console.log(data.toString()));
}

({ client, own, many, fetch: fetches, sockets })[mode]();
