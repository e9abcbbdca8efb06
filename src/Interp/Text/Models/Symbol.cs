namespace Interp;

/// <summary>A token in the making: its id, the characters of the piece it covers, and the merge with its right neighbour.</summary>
internal struct Symbol(int id, int start, int end)
{
    public int Id = id;
    public int Start = start;
    public int End = end;
    public int Rank = MergeTable.NoMerge;
    public int Merged = -1;
}
