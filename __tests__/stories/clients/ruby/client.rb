# A program on the stomp gem: `client.rb <port> <version> <scene>` prints what it saw as JSON lines.

require 'json'
require 'stomp'

ROOM = '/topic/chat/room/7'
PORT, VERSION, SCENE, VALUE = ARGV
$stdout.sync = true

def tell(seen)
  puts JSON.generate(seen)
end

# Text as it was sent: the library gives bodies as they came, without an encoding.
def text(string)
  string.dup.force_encoding('UTF-8')
end

class Client
  attr_reader :connection

  def initialize(headers = {})
    asked = VERSION == '1.0' ? {} : { 'accept-version' => VERSION, 'host' => 'story' }
    host = { host: '127.0.0.1', port: PORT.to_i, login: '', passcode: '' }
    @connection = Stomp::Connection.new(
      hosts: [host], reliable: false, connect_headers: asked.merge(headers), max_hbread_fails: 20
    )
    @messages = []
    @receipts = []
  end

  def send(destination, body, headers = {})
    @connection.publish(destination, body, headers)
  end

  def subscribe(destination, ack = 'auto')
    @connection.subscribe(destination, { id: 's1', ack: ack, receipt: 'subscribed' })
    receipt('subscribed')
  end

  def receipt(wanted)
    listen until @receipts.include?(wanted)
    @receipts.delete(wanted)
  end

  def message
    listen while @messages.empty?
    @messages.shift
  end

  def acknowledge(message, method = :ack)
    id = VERSION == '1.2' ? message.headers['ack'] : message.headers['message-id']
    @connection.public_send(method, id, { subscription: 's1', receipt: method.to_s })
    receipt(method.to_s)
  end

  def leave
    @connection.disconnect(receipt: 'bye')
    said = @connection.disconnect_receipt.headers['receipt-id']
    raise "not the receipt of DISCONNECT: #{said}" unless said == 'bye'
  end

  private

  def listen
    frame = @connection.receive
    raise 'the server closed the connection' if frame.nil?

    case frame.command
    when 'MESSAGE' then @messages << frame
    when 'RECEIPT' then @receipts << frame.headers['receipt-id']
    else raise "not expected: #{frame}"
    end
  end
end

SCENES = {
  'connect' => lambda do
    client = Client.new
    headers = client.connection.connection_frame.headers
    tell(version: headers['version'], session: headers.key?('session'))
    client.leave
  end,

  'talk' => lambda do
    client = Client.new
    client.subscribe('/topic/story')
    headers = { receipt: 'sent', '언어' => '한국어 😀' }
    client.send('/topic/story', "안녕 👋🏽\n둘째 줄", headers)
    client.receipt('sent')
    message = client.message
    tell(body: text(message.body), header: text(message.headers.transform_keys { |key| text(key) }['언어']))
    client.leave
  end,

  'headers' => lambda do
    client = Client.new
    client.subscribe('/topic/story')
    client.send('/topic/story', 'x', { odd: VALUE })
    tell(header: text(client.message.headers['odd']))
    client.leave
  end,

  'ack' => lambda do
    client = Client.new
    client.subscribe('/queue/jobs', 'client')
    %w[one two].each { |body| client.send('/queue/jobs', body) }
    first = client.message
    second = client.message
    client.acknowledge(first)
    tell(bodies: [first.body, second.body])
    client.leave

    client = Client.new
    client.subscribe('/queue/jobs', 'client')
    again = client.message
    tell(body: again.body, redelivered: again.headers['redelivered'])
    client.acknowledge(again)
    client.leave
  end,

  'nack' => lambda do
    client = Client.new
    client.subscribe('/queue/jobs', 'client-individual')
    %w[one two].each { |body| client.send('/queue/jobs', body) }
    first = client.message
    second = client.message
    client.acknowledge(second)
    client.acknowledge(first, :nack)
    again = client.message
    tell(body: again.body, redelivered: again.headers['redelivered'])
    client.acknowledge(again)
    client.leave
  end,

  'transaction' => lambda do
    client = Client.new
    client.subscribe('/topic/story')
    client.connection.begin('t1')
    client.send('/topic/story', 'never', { transaction: 't1' })
    client.connection.abort('t1')
    client.connection.begin('t2')
    %w[one two].each { |body| client.send('/topic/story', body, { transaction: 't2' }) }
    client.send('/topic/story', 'before')
    client.connection.commit('t2')
    tell(bodies: Array.new(3) { client.message.body })
    client.leave
  end,

  'binary' => lambda do
    client = Client.new
    client.subscribe('/topic/story')
    client.send('/topic/story', [0, 10, 255, 0, 254, 0].pack('C*'))
    tell(hex: client.message.body.unpack1('H*'))
    client.leave
  end,

  'room' => lambda do
    client = Client.new
    client.subscribe(ROOM)
    chat = { type: 'ENTER', roomId: '7', sender: '김', message: '' }
    client.send('/app/chat/message', JSON.generate(chat))
    message = client.message
    said = JSON.parse(text(message.body))['message']
    tell(message: said, position: message.headers['x-stream-offset'])
    client.leave
  end,

  'error' => lambda do
    client = Client.new
    client.connection.subscribe('/topic/chat/room/no such room', { id: 's1' })
    frame = client.connection.receive
    raise "not an ERROR: #{frame}" unless frame.command == 'ERROR'

    tell(code: frame.headers['code'], body: frame.body)
    client.connection.disconnect
  end,

  'heart-beats' => lambda do
    client = Client.new('heart-beat' => '500,500')
    # The library counts them in a thread of its own, and has nothing to wait for.
    sleep 0.05 until client.connection.hbrecv_count >= 5
    client.subscribe('/topic/story')
    tell(alive: true)
    client.leave
  end
}.freeze

SCENES.fetch(SCENE).call
