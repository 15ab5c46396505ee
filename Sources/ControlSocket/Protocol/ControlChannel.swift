import NIOCore

/// A connection of the control socket, as a sequence of lines.
typealias ControlChannel = NIOAsyncChannel<ByteBuffer, ByteBuffer>

extension NIOAsyncChannel where Inbound == ByteBuffer, Outbound == ByteBuffer {
    /// Call this on the channel's event loop.
    init(wrapping channel: any Channel) throws {
        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(ControlLineDecoder()))
        try self.init(wrappingChannelSynchronously: channel)
    }

    /// Sends `value` as one line, and returns when the kernel has all of it, so that closing loses nothing.
    func send(_ value: some Encodable) async throws {
        let line = try ControlLine.encode(value)
        try await withTaskCancellationHandler {
            try await channel.writeAndFlush(line).get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }
}
