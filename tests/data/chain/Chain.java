// B as the JDK's own HTTP server with a pool of threads and HttpURLConnection: PORT C-URL.
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.util.concurrent.Executors;

public class Chain {
    private static String c;

    private static void handle(HttpExchange exchange) throws IOException {
        try (InputStream body = exchange.getRequestBody()) {
            body.readAllBytes();
        }
        URL url = new URL(c + exchange.getRequestURI().getPath());
        byte[] data;
        try (InputStream answer = ((HttpURLConnection) url.openConnection()).getInputStream()) {
            data = answer.readAllBytes();
        }
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(200, head ? -1 : data.length);
        if (!head) {
            exchange.getResponseBody().write(data);
        }
        exchange.close();
    }

    public static void main(String[] args) throws IOException {
        c = args[1];
        InetSocketAddress at =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        HttpServer server = HttpServer.create(at, 128);
        server.createContext("/", Chain::handle);
        server.setExecutor(Executors.newFixedThreadPool(32));
        server.start();
    }
}
