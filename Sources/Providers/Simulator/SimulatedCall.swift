import Dispatch
public import Egress
import Foundation
public import NIOCore

/// A call to an upstream that does not exist: plays a deterministic, OpenAI-compatible answer.
///
/// It computes the answer after `start` has returned: on the event loop for a small request, which takes about a tenth
/// of a millisecond, and on a thread of its own for a larger one, one after the other, since that takes seconds and
/// much memory. See `SimulatedTokens` for how tokens are counted, and `SimulatorOptions` for how it can fail.
public final class SimulatedCall: UpstreamCall {
    /// The number of parts delivered before other work of the event loop.
    private static let partsPerTurn = 32
    /// A larger request is computed away from the event loop.
    private static let maxBytesOnLoop = 64 * 1024
    private static let largeRequests = DispatchQueue(label: "simulator")

    private enum Stage {
        case waitingForHead
        case sending(nextPart: Int)
        case ended
    }

    private let eventLoop: any EventLoop
    private let options: SimulatorOptions
    private let startedAt: NIODeadline
    /// The request, released after the answer is computed, which may take long to send.
    private var makeAnswer: (@Sendable () -> SimulatedAnswer)?
    private let isLarge: Bool
    private var isComputing = false
    private var answer: SimulatedAnswer?
    private var receiver: (any UpstreamReceiver)?
    private var stage = Stage.waitingForHead
    private var isPaused = false
    private var nextTurn: Scheduled<Void>?

    /// Starts to answer `request`. Call it on `eventLoop`; the first event follows after this has returned.
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
        isLarge = request.body.reduce(0) { $0 + $1.readableBytes } > Self.maxBytesOnLoop
        makeAnswer = {
            SimulatedAnswer(to: request, options: options, created: Int(Date().timeIntervalSince1970))
        }
    }

    /// Defers the head, the parts and the end, but time passes: `resume()` delivers everything that is due.
    public func pause() {
        isPaused = true
    }

    /// Delivers what is due, after this has returned.
    public func resume() {
        guard isPaused else { return }
        isPaused = false
        if nextTurn == nil { scheduleTurn(at: eventLoop.now) }
    }

    /// Ends the call; its receiver gets no further event and is released.
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
        guard !isComputing else { return }
        if answer == nil, isLarge { return compute() }
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

    /// Computes the answer elsewhere, and takes the turn then. A call that is cancelled meanwhile is not waited for.
    private func compute() {
        guard let make = makeAnswer else { return }
        makeAnswer = nil
        isComputing = true
        let call = NIOLoopBound(self, eventLoop: eventLoop)
        let eventLoop = eventLoop
        Self.largeRequests.async {
            let answer = make()
            eventLoop.execute { call.value.takeTurn(with: answer) }
        }
    }

    private func takeTurn(with answer: SimulatedAnswer) {
        isComputing = false
        self.answer = answer
        takeTurn()
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
