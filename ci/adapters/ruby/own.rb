# A line server on Ruby's own gets and strip, for streamspec to show what that does: own.rb PORT
require "socket"

server = TCPServer.new("127.0.0.1", ARGV[0].to_i)
server.listen(1024)
loop do
  Thread.new(server.accept) do |client|
    while (line = client.gets) && !(text = line.strip).empty?
      client.puts(text)
    end
  rescue SystemCallError, IOError, ArgumentError => e
    warn e.message
  ensure
    client.close
  end
end
