namespace Interp.Tests.Unit.Tasks;

using Shouldly;
using Xunit;

/// <summary>The small world: its behaviours are aligned, repeatable, and keep out what they say they keep out.</summary>
[Trait("Tier", "unit")]
public sealed class WorldTests
{
    private static readonly ITokenizer Tokenizer = Tokenizers.Parse(TinyWorld.LearnTokenizer(0));

    public static TheoryData<string> Names => [.. World.Behaviours.Select(b => b.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Prompts_EveryBehaviour_AreAlignedAndRepeatable(string name)
    {
        var behaviour = World.Behaviour(name);
        foreach (var split in Splits(behaviour))
        {
            var prompts = behaviour.Prompts(Tokenizer, 40, seed: 3, split);
            var again = behaviour.Prompts(Tokenizer, 40, seed: 3, split);

            prompts.Clean.Rows.Length.ShouldBe(40);
            for (var row = 0; row < 40; row++)
            {
                prompts.Clean.Rows[row].ShouldBe(again.Clean.Rows[row]);
                prompts.Clean.Rows[row].Length.ShouldBe(prompts.Corrupted.Rows[row].Length);
                prompts.Clean.Rows[row].ShouldNotBe(prompts.Corrupted.Rows[row]);
                prompts.Right[row].ShouldContain(prompts.Correct[row]);
                prompts.Right[row].ShouldNotContain(prompts.Incorrect[row]);
            }
            prompts.Latents.ShouldNotBeEmpty();
            prompts.Latents.Values.ShouldAllBe(values => values.Length == 40);
            prompts.Chance.ShouldBeInRange(0.01, 0.5);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Prompts_Corrupted_AnswerIsWhatTheGeneratorWouldSay(string name)
    {
        // The corrupted prompt of one draw is a clean prompt of another: its answer is right by the same rule, where the rule sees words alone.
        var behaviour = World.Behaviour(name);
        var known = new Dictionary<string, HashSet<string>>();
        var random = new Random(0);
        for (var i = 0; i < 8000; i++)
        {
            var drawn = behaviour.Sentence(random, WorldSplit.Seen);
            (known.TryGetValue(drawn.Clean.Text, out var answers) ? answers : known[drawn.Clean.Text] = []).UnionWith(drawn.Right);
        }
        var checkedPairs = 0;
        for (var i = 0; i < 2000; i++)
        {
            var drawn = behaviour.Sentence(random, WorldSplit.Seen);
            if (!known.TryGetValue(drawn.Corrupted.Text, out var answers))
                continue;
            answers.ShouldContain(drawn.CorruptedAnswer, drawn.Corrupted.Text);
            checkedPairs++;
        }
        if (name is "pronoun" or "capital" or "two-hop capital" or "successor" or "brackets" or "determiner-noun agreement")
            checkedPairs.ShouldBeGreaterThan(50);
    }

    [Theory]
    [InlineData("indirect object", "IO", "Nina Carl Vera Eric")]
    [InlineData("pronoun", "NAME", "Laura Nina Vera Julia Simon Henry Frank Carl Eric")]
    [InlineData("colored objects", "O1", "bag toy cake drum")]
    public void Prompts_HeldOutWords_AreNotInTraining(string name, string role, string words)
    {
        var behaviour = World.Behaviour(name);
        var random = new Random(1);
        string[] heldOut = [.. Enumerable.Range(0, 300).Select(_ => Word(behaviour.Sentence(random, WorldSplit.HeldOutWords), role)).Distinct()];
        string[] seen = [.. Enumerable.Range(0, 2000).Select(_ => Word(behaviour.Sentence(random, WorldSplit.Seen), role)).Distinct()];

        heldOut.ShouldBeSubsetOf(words.Split(' '));
        heldOut.Length.ShouldBeGreaterThan(3);
        seen.Intersect(heldOut).ShouldBeEmpty();
    }

    [Fact]
    public void Prompts_WordsNeverHeldOut_SaysSo() =>
        Should.Throw<ArgumentException>(() => World.Capital.Prompts(Tokenizer, 1, 0, WorldSplit.HeldOutWords)).Message.ShouldContain("keeps no words out");

    [Fact]
    public void Prompts_TokenizerThatSplitsAnswers_SaysHowFewFit()
    {
        var bytes = Tokenizers.Parse(new BpeTrainer { VocabularySize = 257 }.Train(["a"]));
        Should.Throw<ArgumentException>(() => World.Pronoun.Prompts(bytes, 4, 0)).Message.ShouldContain("writes only 0 of");
    }

    [Fact]
    public void Behaviour_Unknown_ListsThem() =>
        Should.Throw<ArgumentException>(() => World.Behaviour("rhyme")).Message.ShouldContain("indirect object, pronoun");

    [Fact]
    public void Batch_SameStep_IsTheSame()
    {
        var (one, again, next) = (TinyWorld.Batch(Tokenizer, 0, 5), TinyWorld.Batch(Tokenizer, 0, 5), TinyWorld.Batch(Tokenizer, 0, 6));
        one.Rows.Select(r => string.Join(' ', r)).ShouldBe(again.Rows.Select(r => string.Join(' ', r)));
        one.Rows[0].ShouldNotBe(next.Rows[0]);
        one.Rows.ShouldAllBe(r => r.Length == 64 && r[0] == 0);
    }

    private static WorldSplit[] Splits(WorldBehaviour behaviour) =>
        behaviour.HoldsOutWords ? Enum.GetValues<WorldSplit>() : [WorldSplit.Seen, WorldSplit.HeldOutTemplates];

    private static string Word(WorldSentence sentence, string role)
    {
        var span = sentence.Clean.Spans[role];
        return sentence.Clean.Text[span.Start..span.End];
    }
}
