namespace Interp;

/// <summary>The environment variables of Python's <c>huggingface_hub</c>.</summary>
internal static class HubEnvironment
{
    public static Uri Endpoint()
    {
        var text = Variable("HF_ENDPOINT") ?? "https://huggingface.co";
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : throw new ArgumentException($"HF_ENDPOINT is '{text}', which is no address: set one like https://huggingface.co, or none.");
    }

    public static string Cache() => Variable("HF_HUB_CACHE") ?? Variable("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(Home(), "hub");

    public static string? Token()
    {
        if (IsOn("HF_HUB_DISABLE_IMPLICIT_TOKEN"))
            return null;
        if ((Variable("HF_TOKEN") ?? Variable("HUGGING_FACE_HUB_TOKEN")) is { } token)
            return token.Trim();
        var file = Variable("HF_TOKEN_PATH") ?? Path.Combine(Home(), "token");
        return File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } stored ? stored : null;
    }

    public static bool Offline() => IsOn("HF_HUB_OFFLINE") || IsOn("TRANSFORMERS_OFFLINE");

    private static string Home() => Variable("HF_HOME") ?? Path.Combine(
        Variable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "huggingface");

    private static bool IsOn(string name) => Variable(name)?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    private static string? Variable(string name)
    {
        var value = Environment.GetEnvironmentVariable(name);
        if (string.IsNullOrWhiteSpace(value))
            return null;
        return value.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), value[2..]) : value;
    }
}
