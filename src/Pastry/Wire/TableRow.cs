using MessagePack;

namespace P2P.Pastry.Wire;

/// <summary>Is a row of a routing table as it travels: its number and the nodes in it, in no order that matters.</summary>
internal readonly record struct TableRow(int Number, NodeHandle[] Nodes)
{
    /// <summary>About how many bytes the row takes on the wire, and never more.</summary>
    public int EncodedLength => 8 + Nodes.Sum(node => node.EncodedLengthMax);

    public static void Write(ref MessagePackWriter writer, TableRow row)
    {
        writer.WriteArrayHeader(2);
        writer.Write((byte)row.Number);
        NodeHandleFormat.WriteMany(ref writer, row.Nodes);
    }

    public static TableRow Read(ref MessagePackReader reader)
    {
        var fields = reader.ReadArrayHeader();
        NodeHandleFormat.Require(fields >= 2, "A row has two fields.");
        var number = reader.ReadByte();
        NodeHandleFormat.Require(number < Limits.Rows, "A row lies outside of the table.");
        var nodes = NodeHandleFormat.ReadMany(ref reader, Limits.HandlesPerRow);
        NodeHandleFormat.SkipRest(ref reader, fields, 2);
        return new TableRow(number, nodes);
    }

    public static void WriteMany(ref MessagePackWriter writer, TableRow[] rows)
    {
        writer.WriteArrayHeader(rows.Length);
        foreach (var row in rows)
        {
            Write(ref writer, row);
        }
    }

    public static TableRow[] ReadMany(ref MessagePackReader reader)
    {
        var count = reader.ReadArrayHeader();
        NodeHandleFormat.Require(count <= Limits.Rows, "There are more rows than a table has.");
        var rows = new TableRow[count];
        for (var i = 0; i < count; i++)
        {
            rows[i] = Read(ref reader);
        }

        return rows;
    }
}
