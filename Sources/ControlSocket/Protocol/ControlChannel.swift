import NIOCore

/// A connection of the control socket, as a sequence of lines.
typealias ControlChannel = NIOAsyncChannel<ByteBuffer, ByteBuffer>

extension NIOAsyncChannel where Inbound == ByteBuffer, Outbound == ByteBuffer {
    /// Call this on the channel's event loop.
    init(wrapping channel: any Channel) throws {
        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(ControlLineDecoder()))
        try self.init(wrappingChannelSynchronously: channel)
    }

    /// Wraps a connection that has been accepted without `autoRead` and with `EarlyInput`, when it is about to be
    /// served.
    ///
    /// A `NIOAsyncChannel` that is dropped without being used crashes the process, and a stopping server drops
    /// connections that it has just accepted.
    static func wrap(_ channel: any Channel) async throws -> ControlChannel {
        try await channel.eventLoop.flatSubmit {
            channel.eventLoop.makeCompletedFuture {
                let wrapped = try ControlChannel(wrapping: channel)
                try channel.pipeline.syncOperations.handler(type: EarlyInput.self).serve()
                return wrapped
            }.flatMap { wrapped in
                channel.setOption(.autoRead, value: true).map { wrapped }
            }
        }.get()
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
