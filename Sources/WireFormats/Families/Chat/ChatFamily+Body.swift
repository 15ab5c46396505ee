package import GatewayCore
package import NIOCore

extension ChatFamily {
    /// Requests a stream's usage even if the caller did not; applies the compatibility profile.
    package func body(
        _ body: ByteBuffer, of facts: RequestFacts, model: String, adjustments: RouteAdjustments
    ) -> [ByteBuffer] {
        guard adjustments.changeBody else {
            var edits = facts.modelEdits(model)
            if facts.stream, !wantsUsage, hasUsageOptions || adjustments.addsUsageRequest { edits.append(usageEdit) }
            return BodyEdit.apply(edits, to: body)
        }
        return JSONObjectDraft.rewritten(body, model: model, extra: adjustments.extraBody) { draft in
            draft.adapt(
                to: adjustments.compatibility,
                asksForUsage: facts.stream && (hasUsageOptions || adjustments.addsUsageRequest))
        }
    }

    package func addsUsageRequest(_ facts: RequestFacts, _ adjustments: RouteAdjustments) -> Bool {
        facts.stream && !hasUsageOptions && adjustments.addsUsageRequest
            && adjustments.compatibility.supportsStreamUsage
    }

    /// Whether the caller sent `stream_options`: then they are the caller's own affair.
    private var hasUsageOptions: Bool {
        switch usageOption {
        case .missing, .null: false
        case .unset, .set: true
        }
    }

    private var usageEdit: BodyEdit {
        switch usageOption {
        case .missing(let end): BodyEdit(end..<end, .fixed(#","stream_options":{"include_usage":true}"#))
        case .null(let range): BodyEdit(range, .fixed(#"{"include_usage":true}"#))
        case .unset(let start, let isOnlyMember):
            BodyEdit(start..<start, .fixed(isOnlyMember ? #""include_usage":true"# : #""include_usage":true,"#))
        case .set(let range): BodyEdit(range, .fixed("true"))
        }
    }
}
