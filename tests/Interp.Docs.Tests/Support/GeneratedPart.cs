namespace Interp.Docs.Tests.Support;

using Interp.Surface.Support;
using Shouldly;

/// <summary>The part of a page between <c>&lt;!-- generated: NAME --&gt;</c> and <c>&lt;!-- end --&gt;</c>, which is what the code says.</summary>
/// <remarks><c>INTERP_APPROVE=1</c> writes it; otherwise a difference fails the test.</remarks>
internal static class GeneratedPart
{
    private const string End = "<!-- end -->";

    /// <summary>Compares a part with what it should be.</summary>
    /// <param name="page">The page's file name in docs.</param>
    /// <param name="name">The part's name.</param>
    /// <param name="lines">What it should be.</param>
    public static void ShouldBe(string page, string name, IEnumerable<string> lines)
    {
        var path = Path.Combine(Checkout.Root, "docs", page);
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        var begin = $"<!-- generated: {name} -->\n";
        var start = text.IndexOf(begin, StringComparison.Ordinal);
        start.ShouldBeGreaterThanOrEqualTo(0, $"docs/{page} has no part '{name}'");
        start += begin.Length;
        var end = text.IndexOf(End, start, StringComparison.Ordinal);
        var wanted = string.Concat(lines.Select(line => line + "\n"));
        if (Environment.GetEnvironmentVariable("INTERP_APPROVE") == "1")
            File.WriteAllText(path, text[..start] + wanted + text[end..]);
        else
            text[start..end].ShouldBe(wanted, $"docs/{page} differs from the code: run the tests with INTERP_APPROVE=1 and look at the change");
    }
}
