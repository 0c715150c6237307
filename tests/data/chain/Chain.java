// B as the JDK's own HTTP server with a pool of threads: PORT C-URL [client]. It asks C by
// HttpURLConnection, or by an HttpClient, which has a thread that waits for all connections.
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.Executors;

public class Chain {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static String c;
    private static boolean byClient;

    private static byte[] ask(String path) throws IOException {
        if (!byClient) {
            URL url = new URL(c + path);
            try (InputStream answer = ((HttpURLConnection) url.openConnection()).getInputStream()) {
                return answer.readAllBytes();
            }
        }
        HttpRequest request =
            HttpRequest.newBuilder(URI.create(c + path)).version(HttpClient.Version.HTTP_1_1).build();
        try {
            return CLIENT.send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void handle(HttpExchange exchange) throws IOException {
        try (InputStream body = exchange.getRequestBody()) {
            body.readAllBytes();
        }
        byte[] data = ask(exchange.getRequestURI().getPath());
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(200, head ? -1 : data.length);
        if (!head) {
            exchange.getResponseBody().write(data);
        }
        exchange.close();
    }

    public static void main(String[] args) throws IOException {
        c = args[1];
        byClient = args.length > 2;
        InetSocketAddress at =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        HttpServer server = HttpServer.create(at, 128);
        server.createContext("/", Chain::handle);
        server.setExecutor(Executors.newFixedThreadPool(32));
        server.start();
    }
}
