public import Egress
import Foundation
public import NIOCore

/// A call to an upstream that does not exist: plays a deterministic, OpenAI-compatible answer.
///
/// The answer is worked out on the event loop, after `start` has returned: about a tenth of a millisecond for a small
/// request. See `SimulatedTokens` for how tokens are counted, and `SimulatorOptions` for how it can fail.
public final class SimulatedCall: UpstreamCall {
    /// The parts that are delivered before other work of the event loop gets its turn.
    private static let partsPerTurn = 32

    private enum Stage {
        case waitingForHead
        case sending(nextPart: Int)
        case ended
    }

    private let eventLoop: any EventLoop
    private let options: SimulatorOptions
    private let startedAt: NIODeadline
    /// Holds the request; let go once the answer is made, which may take long to send.
    private var makeAnswer: (() -> SimulatedAnswer)?
    private var answer: SimulatedAnswer?
    private var receiver: (any UpstreamReceiver)?
    private var stage = Stage.waitingForHead
    private var isPaused = false
    private var nextTurn: Scheduled<Void>?

    /// Begins to answer `request`. To be called on `eventLoop`; the first event comes after this has returned.
    public static func start(
        request: SimulatedRequest, options: SimulatorOptions, on eventLoop: any EventLoop,
        receiver: any UpstreamReceiver
    ) -> SimulatedCall {
        let call = SimulatedCall(request: request, options: options, on: eventLoop, receiver: receiver)
        call.scheduleTurn(at: call.startedAt + .milliseconds(Int64(options.latencyMilliseconds)))
        return call
    }

    private init(
        request: SimulatedRequest, options: SimulatorOptions, on eventLoop: any EventLoop,
        receiver: any UpstreamReceiver
    ) {
        self.eventLoop = eventLoop
        self.options = options
        self.receiver = receiver
        startedAt = eventLoop.now
        makeAnswer = {
            SimulatedAnswer(to: request, options: options, created: Int(Date().timeIntervalSince1970))
        }
    }

    /// Holds back the head, the parts and the end, but not the passing of time: after `resume()` all that is due comes.
    public func pause() {
        isPaused = true
    }

    /// Goes on with what is due, not before this has returned.
    public func resume() {
        guard isPaused else { return }
        isPaused = false
        if nextTurn == nil { scheduleTurn(at: eventLoop.now) }
    }

    /// Ends the call; its receiver hears nothing more and is let go of.
    public func cancel() {
        end()
    }

    private func scheduleTurn(at deadline: NIODeadline) {
        guard receiver != nil else { return }
        nextTurn = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.takeTurn() }
    }

    /// Delivers what is due. The receiver may pause, resume or cancel from within each event.
    private func takeTurn() {
        nextTurn = nil
        guard let answer = answer ?? makeAnswer?() else { return }
        self.answer = answer
        makeAnswer = nil
        var budget = Self.partsPerTurn
        while let receiver, !isPaused {
            switch stage {
            case .waitingForHead:
                stage = .sending(nextPart: 0)
                receiver.upstreamHead(answer.head)
            case .sending(let index) where index == answer.parts.count:
                end()
                receiver.upstreamEnd()
            case .sending(let index):
                let due = dueTime(of: answer.parts[index])
                guard budget > 0, due <= eventLoop.now else {
                    if nextTurn == nil { scheduleTurn(at: due) }
                    return
                }
                budget -= 1
                stage = .sending(nextPart: index + 1)
                receiver.upstreamPart(answer.parts[index].bytes)
                self.receiver?.upstreamReadComplete()
            case .ended:
                return
            }
        }
    }

    private func dueTime(of part: SimulatedAnswer.Part) -> NIODeadline {
        guard options.tokensPerSecond > 0 else { return startedAt }
        let nanoseconds = Int64(min(Double(part.tokensSoFar) * 1e9 / options.tokensPerSecond, 1e18))
        return startedAt + .milliseconds(Int64(options.latencyMilliseconds)) + .nanoseconds(nanoseconds)
    }

    private func end() {
        stage = .ended
        receiver = nil
        nextTurn?.cancel()
        nextTurn = nil
    }
}
