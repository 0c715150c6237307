// Requests in the ways that Java programs make them: ProgJava MODE URL [CA].
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.net.InetSocketAddress;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

class ProgJava {
    static String base;
    static URI uri;

    static void show(int code, byte[] body) {
        String text = new String(body, 0, Math.min(60, body.length), StandardCharsets.ISO_8859_1);
        System.out.println(code + " " + body.length + " " + text.strip());
    }

    static void fetch(String method, String path, byte[] body, int chunk, String own)
            throws Exception {
        HttpURLConnection c = (HttpURLConnection) new URL(base + path).openConnection();
        c.setRequestMethod(method);
        if (own != null)
            c.setRequestProperty("Baggage", own);
        if (body != null) {
            c.setDoOutput(true);
            if (chunk > 0)
                c.setChunkedStreamingMode(chunk);
            try (OutputStream out = c.getOutputStream()) {
                out.write(body);
            }
        }
        try (InputStream in = c.getInputStream()) {
            show(c.getResponseCode(), in.readAllBytes());
        }
    }

    static void connection() throws Exception {
        byte[] text = "GET / HTTP/1.1\r\n\r\n".repeat(3000).getBytes(StandardCharsets.US_ASCII);
        fetch("GET", "/a?b=c", null, 0, null);
        fetch("POST", "/echo", text, 0, null);
        fetch("PUT", "/echo", text, 1000, null);
        fetch("HEAD", "/b", null, 0, null);
        fetch("GET", "/redirect?to=/there", null, 0, null);
    }

    static void own() throws Exception {
        fetch("GET", "/own", null, 0, "own=1");
    }

    static HttpClient client(String ca) throws Exception {
        HttpClient.Builder builder = HttpClient.newBuilder();
        if (uri.getScheme().equals("https")) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null);
            try (InputStream in = Files.newInputStream(Path.of(ca))) {
                store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(store);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, trust.getTrustManagers(), null);
            builder.sslContext(tls);
        }
        return builder.followRedirects(HttpClient.Redirect.NORMAL).build();
    }

    static HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(base + path));
    }

    static void client(HttpClient client) throws Exception {
        var bytes = HttpResponse.BodyHandlers.ofByteArray();
        List<HttpRequest> requests = new ArrayList<>();
        requests.add(to("/a?b=c").build());
        requests.add(to("/echo").POST(
            HttpRequest.BodyPublishers.ofString("x".repeat(200000))).build());
        requests.add(to("/echo").PUT(HttpRequest.BodyPublishers.ofInputStream(
            () -> new java.io.ByteArrayInputStream(new byte[50000]))).build());
        requests.add(to("/b").method("HEAD", HttpRequest.BodyPublishers.noBody()).build());
        for (HttpRequest request : requests) {
            HttpResponse<byte[]> answer = client.send(request, bytes);
            System.out.println(answer.version());
            show(answer.statusCode(), answer.body());
        }
    }

    /** Twelve at once: over several HTTP/1.1 connections, or over one HTTP/2 connection. */
    static void many(HttpClient client) throws Exception {
        List<CompletableFuture<String>> asked = new ArrayList<>();
        client.send(to("/0").build(), HttpResponse.BodyHandlers.ofString());
        for (int i = 1; i <= 12; i++) {
            asked.add(client.sendAsync(to("/" + i).build(), HttpResponse.BodyHandlers.ofString())
                          .thenApply(answer -> answer.version() + " " + answer.body().strip()));
        }
        for (CompletableFuture<String> one : asked)
            System.out.println(one.get());
    }

    static void series(HttpClient client) throws Exception {
        for (int i = 0; i < 5; i++) {
            var answer = client.send(to("/" + i).build(), HttpResponse.BodyHandlers.ofString());
            System.out.println(answer.version() + " " + answer.body().strip());
        }
    }

    static byte[] head(String path) {
        return ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    }

    static void sockets() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", uri.getPort())) {
            for (byte one : head("/bytes"))
                socket.getOutputStream().write(one);
            show(0, socket.getInputStream().readAllBytes());
        }
        var peer = new InetSocketAddress("127.0.0.1", uri.getPort());
        try (SocketChannel channel = SocketChannel.open(peer)) {
            byte[] head = head("/vectors");
            channel.write(new ByteBuffer[] { ByteBuffer.wrap(head, 0, 9), ByteBuffer.allocate(0),
                                             ByteBuffer.wrap(head, 9, head.length - 9) });
            ByteBuffer in = ByteBuffer.allocate(65536);
            while (channel.read(in) >= 0)
                continue;
            show(0, java.util.Arrays.copyOf(in.array(), in.position()));
        }
    }

    public static void main(String[] args) throws Exception {
        uri = URI.create(args[1]);
        base = args[1].replaceAll("/$", "");
        String ca = args.length > 2 ? args[2] : null;
        switch (args[0]) {
        case "connection" -> connection();
        case "own" -> own();
        case "client" -> client(client(ca));
        case "many" -> many(client(ca));
        case "series" -> series(client(ca));
        case "sockets" -> sockets();
        default -> System.exit(2);
        }
    }
}
