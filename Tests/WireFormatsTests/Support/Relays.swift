import GatewayCore
import NIOCore
import WireFormats

/// The smallest request of its family.
func minimalRequest(_ operation: APIOperation, model: String, stream: Bool, wantsUsage: Bool) -> ByteBuffer {
    var body = ByteBuffer(string: #"{"messages":[],"input":"x","stream":\#(stream),"#)
    body.writeString(#""stream_options":{"include_usage":\#(wantsUsage)},"model":"#)
    JSONText.append(model, to: &body)
    body.writeString("}")
    return body
}

/// The relay for the answer to a request that names the model `model`.
func makeRelay(
    _ operation: APIOperation, model: String, stream: Bool = false, wantsUsage: Bool = true
) -> any AnswerRelay {
    let body = minimalRequest(operation, model: model, stream: stream, wantsUsage: wantsUsage)
    do {
        return try operation.family.scan(body).makeRelay()
    } catch {
        preconditionFailure("\(error)")
    }
}
