# Ruby's sockets, a thread for each connection, for streamspec to judge: stream.rb PORT
require "socket"

class Stream
  SPACE = " \t\n\v\f\r"

  def initialize(client) = (@client, @content = client, "".b)
  def text(bytes) = bytes.force_encoding("UTF-8").valid_encoding? ? bytes : raise("this is no UTF-8")
  def read(n) = text(n.zero? ? +"" : @client.read(n) || +"")

  # Stripped as bytes, of ASCII white space alone: String#strip takes NUL too.
  def readline(limit = 65536)
    line = limit.zero? ? +"" : @client.gets("\n", limit) || +""
    text(line.b.sub(/\A[#{SPACE}]+/n, "").sub(/[#{SPACE}]+\z/n, ""))
  end

  def write(bytes) = @content << bytes.b
  def netstring(text) = write("#{text.bytesize}:#{text},")

  def send
    @client.write(@content)
    @content = "".b
  end

  def number(text)
    text.match?(/\A[0-9]{1,8}\z/) && text.to_i <= 16777216 ? text.to_i : raise("no number of bytes")
  end

  def script
    at_end = false
    until (command = readline).empty?
      word, arg = command.split(" ", 2)
      case [word, arg.nil?]
      in ["READ", false] then netstring(read(number(arg)))
      in ["READLINE", none] then netstring(readline(none ? 65536 : number(arg)))
      in ["WRITE", _] then write(arg.to_s)
      in ["BYTES", _] then arg.to_s.match?(/\A(\h\h)*\z/) ? write([arg.to_s].pack("H*")) : raise("no hexadecimal")
      in ["SEND", true] then send
      in ["ATEND", true] then at_end = true
      in ["CLOSE", true] then return
      else raise "unknown command"
      end
    end
    send if at_end
  end
end

server = TCPServer.new("127.0.0.1", ARGV[0].to_i) # with SO_REUSEADDR
server.listen(1024)
trap("TERM") { Thread.new { server.close } }
until server.closed?
  client = server.accept rescue next
  Thread.new(client.binmode) do |c|
    Stream.new(c).script
  rescue StandardError => e
    warn e.message
  ensure
    begin # reads on for a while: closing over unread input resets the last answer
      c.close_write
      nil while c.wait_readable(1) && c.read_nonblock(65536, exception: false)
    rescue SystemCallError, IOError
    end
    c.close
  end
end
deadline = Time.now + 2 # for the answers in progress
sleep 0.01 while Thread.list.size > 1 && Time.now < deadline
exit!(0)
