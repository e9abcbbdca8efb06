namespace Interp.Docs.Tests.Errors;

using System.Text.RegularExpressions;

/// <summary>A mistake that users make: what they meet, why, and what helps.</summary>
/// <param name="Part">The part of docs/errors.md.</param>
/// <param name="Act">Makes the mistake.</param>
/// <param name="Cause">Why it is one.</param>
/// <param name="Fix">What to do.</param>
internal sealed partial record Provocation(string Part, Action Act, string Cause, string Fix)
{
    private const int Longest = 170;

    /// <summary>The row of the page: the error as it is thrown now.</summary>
    public string Row()
    {
        Exception thrown;
        try
        {
            Act();
            throw new InvalidOperationException($"'{Cause}' was no error.");
        }
        catch (Exception error)
        {
            thrown = error;
        }
        var message = string.Join(' ', thrown.Message.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
        if (thrown is ArgumentException { ParamName: { } name })
            message = message.Replace($" (Parameter '{name}')", "");
        message = Nearest().Replace(Fingerprint().Replace(message, "..."), "...");
        if (message.Length > Longest)
            message = message[..message.LastIndexOf(' ', Longest)] + " ...";
        return $"| {thrown.GetType().Name}: `{message.Replace("|", "\\|").Replace('`', '\'')}` | {Cause} | {Fix} |";
    }

    // Names that are equally near come in any order.
    [GeneratedRegex("(?<=Nearest: blocks).*")]
    private static partial Regex Nearest();

    // Of random weights, whose last bits may differ between machines.
    [GeneratedRegex("[0-9a-f]{16}")]
    private static partial Regex Fingerprint();
}
