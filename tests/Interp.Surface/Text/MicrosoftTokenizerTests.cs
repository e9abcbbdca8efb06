namespace Interp.Surface.Text;

using System.Text;
using System.Text.RegularExpressions;
using Interp.Surface.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Shouldly;
using Xunit;

/// <summary>The adapter to Microsoft.ML.Tokenizers compiles against the listing of that package's signatures, and works over a base class with its contract.</summary>
/// <remarks>The listing is optional data beside the checkout.</remarks>
[Trait("Tier", "unit")]
public sealed partial class MicrosoftTokenizerTests
{
    private const string Usings = "#nullable enable\nusing System; using System.Buffers; using System.Collections.Generic; using System.Linq;\nnamespace Microsoft.ML.Tokenizers;\n";
    private static readonly string[] Wanted = ["Tokenizer", "EncodedToken", "EncodeSettings", "EncodeResults<T>", "Normalizer", "PreTokenizer"];
    private static readonly CSharpParseOptions Parse = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.CSharp14);

    private static string[] Adapter => [.. Checkout.Sources(Path.Combine(Checkout.Root, "src", "Interp.MlTokenizers")).Select(File.ReadAllText)];

    private static MetadataReference Interp => MetadataReference.CreateFromFile(Path.Combine(AppContext.BaseDirectory, "Interp.dll"));

    [SkippableFact]
    public void Adapter_OverTheListedSignatures_Compiles()
    {
        var reference = Compile("Microsoft.ML.Tokenizers", Reference(Checkout.Shared("reference", "mltokenizers-api.txt")));
        LibraryCompilation.Errors(reference).ShouldBeEmpty();

        var adapter = Compile("Adapter", [LibraryCompilation.ImplicitUsings, .. Adapter], Interp, reference.ToMetadataReference());

        adapter.GetTypeByMetadataName("Interp.MicrosoftTokenizer").ShouldNotBeNull();
        LibraryCompilation.Errors(adapter).ShouldBeEmpty();
    }

    [Fact]
    public void Adapter_ThereAndBack_GivesTheSameTokens()
    {
        var adapter = Compile("AdapterThatRuns", [LibraryCompilation.ImplicitUsings, Usings + Contract, Driver, .. Adapter], Interp);
        using var image = new MemoryStream();
        LibraryCompilation.Errors(adapter).ShouldBeEmpty();
        adapter.Emit(image).Success.ShouldBeTrue();

        var run = System.Reflection.Assembly.Load(image.ToArray()).GetType("Driver")!.GetMethod("Run")!;

        ((string)run.Invoke(null, null)!).ShouldBe(
            "5,2,3 | BAC | [0, 1)[1, 2)[2, 3) | BA 2 2 DestinationTooSmall | BAC 3 3 Done | 5,2 2 | <bos>=5,2,3,4 | <bos>BAC | <unused 99> | 3 | none");
    }

    // What the package documents its base class to do, as far as the adapter meets it.
    private const string Contract = """
        public readonly struct EncodedToken(int id, string value, Range offset) { public int Id => id; public string Value => value; public Range Offset => offset; }
        public struct EncodeSettings { public EncodeSettings() { MaxTokenCount = int.MaxValue; } public int MaxTokenCount { get; set; } }
        public struct EncodeResults<T> { public IReadOnlyList<T> Tokens { get; set; } public string? NormalizedText { get; set; } public int CharsConsumed { get; set; } }
        public abstract class Tokenizer
        {
            protected abstract EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings);
            public abstract OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten);
            public virtual string Decode(IEnumerable<int> ids) => throw new NotSupportedException();
            public IReadOnlyList<EncodedToken> EncodeToTokens(string text, out string? normalizedText)
            {
                var results = EncodeToTokens(text, text, new EncodeSettings());
                normalizedText = results.NormalizedText;
                return results.Tokens;
            }
            public IReadOnlyList<int> EncodeToIds(string text) => EncodeToIds(text, int.MaxValue, out _, out _);
            public IReadOnlyList<int> EncodeToIds(string text, int maxTokenCount, out string? normalizedText, out int charsConsumed)
            {
                var results = EncodeToTokens(null, text, new EncodeSettings { MaxTokenCount = maxTokenCount });
                (normalizedText, charsConsumed) = (results.NormalizedText, results.CharsConsumed);
                return [.. results.Tokens.Select(token => token.Id)];
            }
        }
        """;

    private const string Driver = """
        using Interp;
        public static class Driver
        {
            public static string Run()
            {
                var ours = new VocabularyTokenizer(["x", "y", "A", "C", "<bos>", "B"], bos: "<bos>");
                var theirs = new MicrosoftTokenizer(ours, Bos.Never);
                var tokens = theirs.EncodeToTokens("BAC", out _);
                Span<char> two = stackalloc char[2], three = stackalloc char[3];
                var small = theirs.Decode([5, 2, 3], two, out var ids2, out var chars2);
                var done = theirs.Decode([5, 2, 3], three, out var ids3, out var chars3);
                var cut = theirs.EncodeToIds("BAC", 2, out _, out var consumed);
                var back = new TokenizerFromMicrosoft(theirs, 6) { BosId = 4, AddsBos = true };
                var encoded = back.Encode("BAC");
                return string.Join(" | ",
                    string.Join(',', tokens.Select(t => t.Id)), theirs.Decode(tokens.Select(t => t.Id)), string.Concat(back.Encode("BAC", Bos.Never).Offsets),
                    $"{two.ToString()} {ids2} {chars2} {small}", $"{three.ToString()} {ids3} {chars3} {done}", $"{string.Join(',', cut)} {consumed}",
                    $"<bos>={string.Join(',', encoded.Ids.Skip(1))},{encoded.Ids[0]}", back.Decode(encoded.Ids.AsSpan()), back.TokenText(99),
                    back.TokenId("C"), back.TokenId("AC")?.ToString() ?? "none");
            }
        }
        """;

    private static CSharpCompilation Compile(string name, IEnumerable<string> sources, params MetadataReference[] references) => CSharpCompilation.Create(
        name, sources.Select(source => CSharpSyntaxTree.ParseText(source, Parse)), [.. LibraryCompilation.Framework, .. references],
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    // The listed members of the types that the adapter meets, with bodies that throw.
    private static string[] Reference(string listing)
    {
        var source = new StringBuilder(Usings);
        var inside = false;
        foreach (var line in File.ReadLines(listing).Append(""))
        {
            if (Header().Match(line) is { Success: true } header && Wanted.Contains(header.Groups["name"].Value))
            {
                source.Append($"{header.Groups["kind"].Value} {header.Groups["name"].Value}\n{{\n");
                inside = true;
            }
            else if (inside && line.Length == 0)
            {
                source.Append("}\n");
                inside = false;
            }
            else if (inside)
                source.Append(Member(line.Trim())).Append('\n');
        }
        return [source.ToString()];
    }

    private static string Member(string text)
    {
        var access = text.StartsWith("protected", StringComparison.Ordinal) ? "" : "public ";
        if (text.EndsWith('}'))
            return $"{access}{text[..text.IndexOf('{')]}{{ get => throw null!; {(text.Contains("set;") ? "set => throw null!; " : "")}}}";
        return access + text + (text.Contains("abstract ", StringComparison.Ordinal) ? ";" : " => throw null!;");
    }

    [GeneratedRegex(@"^## (?<kind>[a-z ]+) Microsoft\.ML\.Tokenizers\.(?<name>[\w<>]+)")]
    private static partial Regex Header();
}
