namespace Interp.Tests.Model.Dictionaries;

using Interp.Tests.Support;
using Shouldly;
using Xunit;

/// <summary>Batches of prompts from texts.</summary>
[Trait("Tier", "model")]
public sealed class TokenBatchTests
{
    private const string Text = "owl fox sun oak map ink jar bee";

    [Fact]
    public void TokenBatches_Packed_CutsTheTextsIntoEqualPrompts()
    {
        using var model = Models.Load("induction-2l");
        var batches = model.TokenBatches([Text, Text, Text], new TokenBatchOptions { Rows = 2, Context = 6, Bos = Bos.Never }).ToArray();
        var ids = model.Tokens(Text, Bos.Never);
        batches.Select(b => b.Batch).ShouldBe([2, 2]);
        batches.SelectMany(b => b.Rows).SelectMany(row => row).ShouldBe(ids.Concat(ids).Concat(ids));
    }

    [Fact]
    public void TokenBatches_NotPacked_EachTextIsAPrompt()
    {
        using var model = Models.Load("induction-2l");
        var batches = model.TokenBatches(["owl fox", Text, "sun"], new TokenBatchOptions { Rows = 2, Context = 4, Bos = Bos.Never, Packed = false, Passes = 2 }).ToArray();
        batches.SelectMany(b => b.Rows).Select(row => row.Length).ShouldBe([2, 4, 1, 2, 4, 1]);
    }

    [Fact]
    public void TokenBatches_WithoutEnd_GoesOn()
    {
        using var model = Models.Load("induction-2l");
        model.TokenBatches([Text], new TokenBatchOptions { Rows = 1, Context = 8, Bos = Bos.Never, Passes = 0 }).Take(20).Count().ShouldBe(20);
        model.TokenBatches([], new TokenBatchOptions { Context = 8, Passes = 0 }).ShouldBeEmpty();
    }

    [Fact]
    public void TokenBatches_AsyncTexts_AreReadAsTheyCome()
    {
        using var model = Models.Load("induction-2l");
        var options = new TokenBatchOptions { Rows = 1, Context = 8, Bos = Bos.Never };
        var plain = model.TokenBatches([Text, Text], options).SelectMany(b => b.Rows[0]);
        model.TokenBatches(Slowly(), options).SelectMany(b => b.Rows[0]).ShouldBe(plain);
    }

    [Fact]
    public void TokenBatches_BadOptions_Throw()
    {
        using var model = Models.Load("induction-2l");
        foreach (var options in new[] { new TokenBatchOptions { Context = 8, Rows = 0 }, new TokenBatchOptions { Context = 1_000_000 }, new TokenBatchOptions { Context = 8, Passes = -1 } })
            Should.Throw<ArgumentException>(() => model.TokenBatches([Text], options));
        using var bare = TinyModel.Random(TinyModel.Gpt2);
        Should.Throw<InvalidOperationException>(() => bare.TokenBatches([Text])).Message.ShouldContain("no tokenizer");
    }

    [Fact]
    public void TextSources_FilesAndJsonLines_AreRead()
    {
        using var folder = new TemporaryFolder();
        TextSources.FromFiles(folder.Write("a.txt", "one\ntwo"), folder.Write("b.txt", "three")).ShouldBe(["one\ntwo", "three"]);
        TextSources.FromJsonLines(folder.Write("c.jsonl", "{\"text\":\"x\"}\n\n{\"n\":1,\"text\":\"y\\n\"}\n")).ShouldBe(["x", "y\n"]);
        TextSources.FromJsonLines(folder.Write("d.jsonl", "{\"story\":\"z\"}"), "story").ShouldBe(["z"]);
        Should.Throw<InvalidDataException>(() => TextSources.FromJsonLines(folder.File("c.jsonl"), "story").ToArray()).Message.ShouldContain("line 1");
        Should.Throw<InvalidDataException>(() => TextSources.FromJsonLines(folder.Write("e.jsonl", "{\"text\":\"x\"}\n{\"te")).ToArray()).Message.ShouldContain("line 2");
        Should.Throw<FileNotFoundException>(() => TextSources.FromJsonLines(folder.File("none.jsonl")));
    }

    private static async IAsyncEnumerable<string> Slowly()
    {
        yield return Text;
        await Task.Delay(1);
        yield return Text;
    }
}
