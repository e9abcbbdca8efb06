namespace Interp.Docs.Tests.Support;

using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Interp.Surface.Support;

/// <summary>A page of the docs: its C# blocks in order, and what it says they print.</summary>
/// <remarks>
/// <c>&lt;!-- not run: REASON --&gt;</c> before a block keeps it from being run. A block inside a comment runs and is not shown: it makes what a reader
/// would bring. <c>// prints TEXT</c> in a block and the fenced blocks without a language are what the page's blocks print;
/// <c>&lt;!-- not compared: REASON --&gt;</c> before a fence says that this one is from elsewhere.
/// </remarks>
internal sealed partial class DocsPage
{
    private readonly Lazy<(IReadOnlyList<DocsProgram> Programs, IReadOnlyList<string> Errors)> compiled;

    private DocsPage(string name)
    {
        Name = name;
        var text = File.ReadAllText(Path.Combine(Checkout.Root, name)).ReplaceLineEndings("\n");
        var fences = Fence().Matches(text);
        Blocks = [.. fences.Where(m => m.Groups["language"].Value == "csharp").Select(m => Block(text, m))];
        Prints =
        [
            .. Blocks.Where(b => b.NotRun is null).SelectMany(b => Comment().Matches(b.Code)).Select(m => m.Groups["text"].Value.TrimEnd()),
            .. fences.Where(m => m.Groups["language"].Value is "" && !m.Groups["reason"].Success)
                .SelectMany(m => m.Groups["code"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
        ];
        compiled = new(() => DocsProgram.Of(this));
    }

    /// <summary>README and the pages of docs that have C# blocks.</summary>
    public static IReadOnlyList<DocsPage> All { get; } =
    [
        .. Directory
            .EnumerateFiles(Path.Combine(Checkout.Root, "docs"), "*.md")
            .Order(StringComparer.Ordinal)
            .Prepend(Path.Combine(Checkout.Root, "README.md"))
            .Select(file => new DocsPage(Path.GetRelativePath(Checkout.Root, file).Replace('\\', '/')))
            .Where(page => page.Blocks.Length > 0),
    ];

    /// <summary>The page's path in the checkout.</summary>
    public string Name { get; }

    public ImmutableArray<DocsBlock> Blocks { get; }

    /// <summary>Lines that the page says are printed; "..." stands for anything.</summary>
    public ImmutableArray<string> Prints { get; }

    /// <summary>Whether a block that runs reads the optional data beside the checkout.</summary>
    public bool NeedsData => Blocks.Any(block => block.NotRun is null && block.Code.Contains("../shared", StringComparison.Ordinal));

    /// <summary>The page's programs, and what does not compile.</summary>
    public (IReadOnlyList<DocsProgram> Programs, IReadOnlyList<string> Errors) Compiled => compiled.Value;

    private static DocsBlock Block(string text, Match fence)
    {
        var code = fence.Groups["code"];
        var line = text.AsSpan(0, code.Index).Count('\n') + 1;
        return new DocsBlock(line, code.Value, fence.Groups["reason"] is { Success: true } reason ? reason.Value : null, !fence.Groups["hidden"].Success);
    }

    [GeneratedRegex(
        @"(<!-- not (run|compared): (?<reason>[^>]*?) -->\n+|(?<hidden><!--[^>\n]*\n))?^```(?<language>\w*)\n(?<code>.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline
    )]
    private static partial Regex Fence();

    [GeneratedRegex(@"// prints (?<text>.*)$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
