import GatewayTestSupport

extension RawClient {
    /// Sends the text byte by byte, ten a second, until the returned task is cancelled.
    func trickle(_ text: Substring) -> Task<Void, any Error> {
        Task {
            for byte in text {
                try await send(String(byte))
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }
}
