// A line server on Java's own BufferedReader, for streamspec to show what that does: java Own.java PORT
import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;

public class Own {
    public static void main(String[] args) throws IOException {
        try (var server = new ServerSocket(Integer.parseInt(args[0]), 1024, InetAddress.getByName("127.0.0.1"))) {
            while (true) {
                Socket client = server.accept();
                new Thread(() -> serve(client)).start();
            }
        }
    }

    static void serve(Socket client) {
        try (client) {
            var in = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
            var out = new OutputStreamWriter(client.getOutputStream(), StandardCharsets.UTF_8);
            for (String line; (line = in.readLine()) != null && !line.strip().isEmpty(); ) {
                out.write(line.strip() + "\n");
                out.flush();
            }
        } catch (IOException e) {
            System.err.println(e);
        }
    }
}
