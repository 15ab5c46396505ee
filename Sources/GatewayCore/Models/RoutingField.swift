/// A field at the top level of a request by which some server behind an API chooses another model or another provider
/// than the route's: what is authorised would not be what answers.
public enum RoutingField: String, Sendable, CaseIterable {
    // OpenRouter (https://openrouter.ai/docs/features/model-routing, /provider-routing, /presets).
    case models, route, provider, preset
    // LiteLLM's proxy (https://docs.litellm.ai/docs/proxy/reliability).
    case fallbacks
    case contextWindowFallbacks = "context_window_fallbacks"
    case contentPolicyFallbacks = "content_policy_fallbacks"
    case defaultFallbacks = "default_fallbacks"
    case modelList = "model_list"
    case userConfig = "user_config"
    case routerSettings = "router_settings"
    case routerSettingsOverride = "router_settings_override"
    case modelGroup = "model_group"
    case customProvider = "custom_llm_provider"
    case deploymentID = "deployment_id"
    case specificDeployment = "specific_deployment"
    case apiBase = "api_base"
    case baseURL = "base_url"
    case apiKey = "api_key"
    case apiVersion = "api_version"
    case extraBody = "extra_body"
    // Vercel's AI gateway.
    case providerOptions
    // Azure and the old OpenAI API.
    case engine, deployment
    // Servers of adapters (LoRAX, SGLang).
    case adapterID = "adapter_id"
    case loraPath = "lora_path"
}
