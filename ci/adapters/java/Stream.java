// Java's sockets, a thread for each connection, for streamspec to judge: java Stream.java PORT
import java.io.*;
import java.net.*;
import java.nio.ByteBuffer;
import java.nio.charset.*;
import java.util.HexFormat;
import java.util.concurrent.*;

public class Stream {
    private final InputStream in;
    private final OutputStream out;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    Stream(Socket s) throws IOException { in = new BufferedInputStream(s.getInputStream(), 65536); out = s.getOutputStream(); }
    // A decoder of its own: new String(bytes, UTF_8) replaces what is no UTF-8.
    static String text(byte[] b, int from, int to) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(b, from, to - from)).toString();
    }
    String read(int n) throws IOException { byte[] b = in.readNBytes(n); return text(b, 0, b.length); }
    // BufferedReader.readLine ends a line at CR too and has no limit; String.strip knows Unicode.
    String readLine(int limit) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int c = 0; c != '\n' && line.size() < limit && (c = in.read()) >= 0; ) line.write(c);
        byte[] b = line.toByteArray();
        int from = 0, to = b.length;
        while (from < to && space(b[from])) from++;
        while (to > from && space(b[to - 1])) to--;
        return text(b, from, to);
    }
    static boolean space(byte b) { return b == ' ' || b >= 9 && b <= 13; }
    void write(String text) { content.writeBytes(text.getBytes(StandardCharsets.UTF_8)); }
    void netstring(String text) { write(text.getBytes(StandardCharsets.UTF_8).length + ":" + text + ","); }
    void send() throws IOException { content.writeTo(out); content.reset(); }
    static int number(String text) {
        if (!text.matches("[0-9]{1,8}") || Integer.parseInt(text) > 16777216) throw new IllegalArgumentException("no number of bytes");
        return Integer.parseInt(text);
    }
    void script() throws IOException {
        boolean atEnd = false;
        for (String command; !(command = readLine(65536)).isEmpty(); ) {
            String[] words = command.split(" ", 2);
            String arg = words.length > 1 ? words[1] : null;
            if (words[0].equals("READ") && arg != null) netstring(read(number(arg)));
            else if (words[0].equals("READLINE")) netstring(readLine(arg == null ? 65536 : number(arg)));
            else if (words[0].equals("WRITE")) write(arg == null ? "" : arg);
            else if (words[0].equals("BYTES")) content.writeBytes(HexFormat.of().parseHex(arg == null ? "" : arg));
            else if (command.equals("SEND")) send();
            else if (command.equals("ATEND")) atEnd = true;
            else if (command.equals("CLOSE")) return;
            else throw new IllegalArgumentException("unknown command");
        }
        if (atEnd) send();
    }
    static void serve(Socket s) {
        try (s) {
            try { new Stream(s).script(); } catch (IOException | RuntimeException e) { System.err.println(e); }
            s.shutdownOutput();
            s.setSoTimeout(1000); // reads on for a while: closing over unread input resets the last answer
            for (long end = System.nanoTime() + 5_000_000_000L; s.getInputStream().read(new byte[65536]) >= 0 && System.nanoTime() < end; ) { }
        } catch (IOException e) { }
    }
    public static void main(String[] args) throws IOException {
        var server = new ServerSocket(Integer.parseInt(args[0]), 1024, InetAddress.getByName("127.0.0.1"));
        var threads = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> { // lets the answers in progress finish
            try { server.close(); threads.shutdown(); threads.awaitTermination(2, TimeUnit.SECONDS); } catch (Exception e) { }
        }));
        while (!server.isClosed()) try { var s = server.accept(); threads.execute(() -> serve(s)); } catch (IOException e) { }
    }
}
