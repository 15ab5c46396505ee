/// What a price list has, for the checks of `pricing_provider_id` and `upstream_model`. It is asked only if the
/// document has a provider with prices of the list.
public protocol PriceListIndex: Sendable {
    /// Whether it is the list of the release, where gateways may use a newer one.
    var isBuiltIn: Bool { get }

    /// The ids that `pricing_provider_id` can have.
    var providerIDs: [String] { get }

    /// The models of a provider; empty for an unknown one.
    func modelIDs(of provider: String) -> [String]

    /// Whether the list has a price for what routes call `model`, which may be under another id.
    func hasPrice(provider: String, model: String) -> Bool
}

/// The checks of providers and routes against the price list.
struct PriceListCheck {
    let index: any PriceListIndex
    /// The operator has a list elsewhere (`accounting.catalog.url`), which may have more than this one.
    let isReplaced: Bool

    func checkProvider(_ id: String, _ map: MappingReader) {
        let known = index.providerIDs
        guard !known.contains(id) else { return }
        let advice =
            "\(NearestName.hint(id, among: known)) (`gateway prices list` shows its providers; without "
            + "pricing_provider_id, each route needs its own `pricing`)"
        let key = "pricing_provider_id"
        if isReplaced {
            map.context.warning(
                at: map.place(of: key),
                "the built-in price list has no provider \"\(id)\"; until the list at accounting.catalog.url has it, the "
                    + "routes are unpriced\(advice)")
        } else {
            map.error(key, "the price list of this release has no provider \"\(id)\"\(advice)")
        }
    }

    func checkRoute(to provider: String, model: String, _ map: MappingReader) {
        guard !(isReplaced && index.isBuiltIn), index.providerIDs.contains(provider),
            !index.hasPrice(provider: provider, model: model)
        else { return }
        let hint = NearestName.hint(model, among: index.modelIDs(of: provider))
        map.context.warning(
            at: map.place(of: "upstream_model"),
            "the price list\(index.isBuiltIn ? " of this release" : "") has no price for \"\(model)\" of "
                + "\(provider)\(hint), so that attempts of this route are unpriced\(index.isBuiltIn ? " unless a newer list has one" : "")"
                + "; give the route its own `pricing`")
    }
}
