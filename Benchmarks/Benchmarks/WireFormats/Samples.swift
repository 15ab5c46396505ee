import GatewayCore
import NIOCore
import WireFormats

/// Requests and answers of the usual size and shape.
enum Samples {
    static let upstreamModel = "upstream-model-2026-01-01"

    static let smallRequest = request(promptBytes: 60)
    static let largeRequest = request(promptBytes: 100_000)

    private static func request(promptBytes: Int) -> ByteBuffer {
        let words = "The quick brown fox said \\\"hello\\\",\\n and went home. "
        let prompt = String(repeating: words, count: max(1, promptBytes / words.utf8.count))
        return ByteBuffer(
            string: #"{"model":"assistant","messages":[{"role":"system","content":"You are a helpful assistant."},"#
                + #"{"role":"user","content":"\#(prompt)"}],"temperature":0.7,"top_p":1,"max_tokens":256,"#
                + #""stream":true,"user":"user-1234"}"#)
    }

    /// A request that asks for `model`, and for the usage.
    static func scannedRequest(model: String, stream: Bool) -> APIRequest {
        let body = ByteBuffer(
            string: #"{"model":"\#(model)","messages":[],"stream":\#(stream),"stream_options":{"include_usage":true}}"#)
        do {
            return try APIOperation.chat.family.scan(body)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    static let answer = ByteBuffer(
        string: #"{"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion","created":1741570283,"#
            + #""model":"\#(upstreamModel)","choices":[{"index":0,"message":{"role":"assistant","content":"#
            + #""Hello! How can I assist you today?","refusal":null,"annotations":[]},"logprobs":null,"#
            + #""finish_reason":"stop"}],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,"#
            + #""prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":"#
            + #"{"reasoning_tokens":0,"audio_tokens":0}},"service_tier":"default","system_fingerprint":"fp_1"}"#)

    /// 60 chunks with content, the finish, the usage and `[DONE]`: about 12 KB.
    static let chunks: [ByteBuffer] = {
        let contents = (0..<60).map { chunk(#"{"index":0,"delta":{"content":" word\#($0)"},"finish_reason":null}"#) }
        let finish = chunk(#"{"index":0,"delta":{},"finish_reason":"stop"}"#)
        let usage = chunk("", usage: #"{"prompt_tokens":19,"completion_tokens":60,"total_tokens":79}"#)
        return contents + [finish, usage, ByteBuffer(string: "data: [DONE]\n\n")]
    }()

    static let stream = ByteBuffer(bytes: chunks.flatMap { $0.readableBytesView })

    private static func chunk(_ choice: String, usage: String = "null") -> ByteBuffer {
        ByteBuffer(
            string: #"data: {"id":"chatcmpl-B9MHDbslfkBeAs8l","object":"chat.completion.chunk","created":1741570283,"#
                + #""model":"\#(upstreamModel)","choices":[\#(choice)],"usage":\#(usage)}"# + "\n\n")
    }
}
